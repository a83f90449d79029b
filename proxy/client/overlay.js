// What went wrong, as a badge in the corner that opens. It lives in a shadow root, so
// that the page's styles do not touch it, and its style is constructed, which no policy
// of the page forbids.

const overlayStyle = `
:host { all: initial; position: fixed; inset: auto 0 0 auto; z-index: 2147483647; max-width: 100vw; color-scheme: light dark; }
* { box-sizing: border-box; }
.badge, .panel { font: 14px/1.45 system-ui, sans-serif; color: light-dark(#24110f, #f6e9e7); background: light-dark(#fff6f5, #2a1614); border: 1px solid #c8463a; }
.badge { display: block; margin: 12px; padding: 8px 14px; border-radius: 999px; cursor: pointer; box-shadow: 0 2px 12px #0006; max-width: calc(100vw - 24px); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.badge::before { content: "● "; color: #c8463a; }
.panel { position: fixed; inset: auto 12px 12px 12px; max-height: min(70vh, 48rem); overflow: auto; border-radius: 8px; padding: 16px 20px; box-shadow: 0 4px 32px #0008; }
.panel[hidden] { display: none; }
h2 { font-size: 16px; margin: 0 2rem 4px 0; }
.note { margin: 0 0 12px; opacity: .75; }
.close { position: absolute; top: 12px; right: 12px; font: inherit; color: inherit; background: none; border: 1px solid currentColor; border-radius: 4px; padding: 2px 8px; cursor: pointer; }
ol { list-style: none; margin: 0; padding: 0; }
li { margin: 0 0 14px; }
.at { font: 13px/1.4 ui-monospace, monospace; color: light-dark(#8a2c22, #ffb4a8); background: none; border: 0; padding: 0; text-align: left; }
a.at, button.at { cursor: pointer; text-decoration: underline; }
.text { font-weight: 600; overflow-wrap: anywhere; }
pre { font: 13px/1.5 ui-monospace, monospace; margin: 6px 0; padding: 8px 10px; overflow-x: auto; background: light-dark(#0000000d, #00000059); border-radius: 4px; tab-size: 4; }
pre .here { font-weight: 700; color: light-dark(#a12718, #ff8f7f); }
.more { margin: 0; opacity: .85; white-space: pre-wrap; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid #4a8cf7; outline-offset: 2px; }
`;

const overlay = { host: null, root: null, open: false, shown: '' };

// element makes one in a line: element('p', {class: 'note'}, 'text', child).
function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

// showProblem shows it, or nothing if it is null. open has the panel open at once.
function showProblem(problem, open) {
  const text = JSON.stringify(problem ?? null);
  if (text === overlay.shown) return;
  overlay.shown = text;
  if (!problem) {
    overlay.host?.remove();
    overlay.open = false;
    return;
  }
  if (overlay.host === null) {
    overlay.host = document.createElement('hotdev-overlay');
    overlay.root = overlay.host.attachShadow({ mode: 'open' });
    const style = new CSSStyleSheet();
    style.replaceSync(overlayStyle);
    overlay.root.adoptedStyleSheets = [style];
  }
  overlay.open ||= open;
  const badge = element('button', { class: 'badge', type: 'button', 'aria-expanded': String(overlay.open), 'aria-controls': 'panel' }, problem.title);
  const close = element('button', { class: 'close', type: 'button', 'aria-label': 'Close' }, '✕');
  const panel = element('section', { class: 'panel', id: 'panel', role: 'alert', 'aria-labelledby': 'title', tabindex: '-1' },
    element('h2', { id: 'title' }, problem.title), close,
    ...(problem.note ? [element('p', { class: 'note' }, problem.note)] : []),
    element('ol', {}, ...(problem.items ?? []).map(problemItem)),
    ...(problem.more ? [element('p', { class: 'note' }, `and ${problem.more} more`)] : []));
  const set = (open) => {
    overlay.open = open;
    panel.hidden = !open;
    badge.hidden = open;
    badge.setAttribute('aria-expanded', String(open));
  };
  badge.onclick = () => { set(true); panel.focus(); };
  close.onclick = () => { set(false); badge.focus(); };
  panel.onkeydown = (event) => { if (event.key === 'Escape') close.onclick(); };
  set(overlay.open);
  overlay.root.replaceChildren(badge, panel);
  // Not in the body, which is the page's; it may not be there yet.
  document.documentElement.append(overlay.host);
}

function problemItem(item) {
  const parts = [];
  if (item.at) parts.push(openLink(item));
  parts.push(element('div', { class: 'text' }, item.text));
  if (item.source) {
    const pre = element('pre', {});
    item.source.forEach((line, i) => {
      const n = item.first + i;
      const text = `${n === item.line ? '›' : ' '} ${String(n).padStart(4)} │ ${line}\n`;
      pre.append(n === item.line ? element('span', { class: 'here' }, text) : text);
      if (n === item.line && item.column > 0) {
        const bytes = new TextEncoder().encode(line).slice(0, item.column - 1);
        pre.append(element('span', { class: 'here' }, `       │ ${new TextDecoder().decode(bytes).replace(/[^\t]/g, ' ')}^\n`));
      }
    });
    parts.push(pre);
  }
  if (item.more?.length) parts.push(element('p', { class: 'more' }, item.more.join('\n')));
  return element('li', {}, ...parts);
}

// openLink names a place; where it is pressed, hotdev's editor opens it.
function openLink(item) {
  const link = element('button', { class: 'at', type: 'button', title: 'Open in the editor' }, item.at);
  link.onclick = async () => {
    const answer = await post('open', { file: item.file, line: item.line ?? 0, column: item.column ?? 0 });
    if (answer && !answer.ok) link.after(element('div', { class: 'note', role: 'status' }, await answer.text()));
  };
  return link;
}
