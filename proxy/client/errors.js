// What goes wrong in a page goes to the program's output: exceptions, rejections that
// nobody handles, console.error, and requests that are answered with an error.

const mostErrors = 100; // of one page: a loop of them says nothing new
let errors = [];
let errorsSaid = 0;

function tell(text) {
  if (++errorsSaid > mostErrors) return;
  if (errorsSaid === mostErrors) text += '\n(no more of this page)';
  if (errors.push(text) === 1) setTimeout(() => { post('log', errors); errors = []; }, 50);
}

const here = (url) => url.replace(location.origin, '');

// describe is a value as one wants to read it: an error with where it comes from.
function describe(value) {
  if (value instanceof Error) {
    const at = (value.stack ?? '').match(/(?:https?|blob):[^\s)]+:\d+:\d+/);
    return `${value.name}: ${value.message}${at ? ` at ${here(at[0])}` : ''}`;
  }
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function tellErrors() {
  addEventListener('error', (event) => {
    if (event.message) tell(`${event.message} at ${here(event.filename ?? '')}:${event.lineno}:${event.colno}`);
  });
  addEventListener('unhandledrejection', (event) => tell(`unhandled rejection: ${describe(event.reason)}`));
  const error = console.error;
  console.error = function (...values) {
    tell(values.map(describe).join(' '));
    return error.apply(this, values);
  };
  try {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.responseStatus >= 400 && !entry.name.includes('/.hotdev/')) tell(`${entry.responseStatus} ${here(entry.name)} (${entry.initiatorType})`);
      }
    }).observe({ type: 'resource', buffered: true });
  } catch { /* an old browser */ }
}
