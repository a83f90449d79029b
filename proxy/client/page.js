// A page hears of snapshots, and does what the updates since it was made ask for.

const me = document.currentScript;
const { boot, token, doc, program = '' } = me.dataset; // program: the address is shared
const own = (what) => `/.hotdev/${what}?token=${token}&program=${encodeURIComponent(program)}`;
const posted = 'posted' in me.dataset; // it came of a form: to load it again would send that again
const waiting = 'waiting' in me.dataset; // it is hotdev's own, in place of one of the program's
me.remove(); // the document is to be as the program sent it

// at is the update that this page shows, in each run of hotdev that it knows of. A page
// from a cache is older than what it has been loaded again for, which is remembered.
const at = new Map([[boot, Number(me.dataset.seq)]]);
const remembered = `hotdev:${location.pathname}${location.search}`;
try {
  const [run, seq] = (sessionStorage.getItem(remembered) ?? '').split('.');
  if (run) at.set(run, Math.max(at.get(run) ?? 0, Number(seq)));
} catch { /* no storage */ }

let snapshot = null; // the newest
let busy = false; // an update is being done

const say = (text) => console.info(`%c[hotdev]%c ${text}`, 'color: #c8463a; font-weight: bold', '');

function post(what, body) {
  return fetch(own(what), { method: 'POST', body: JSON.stringify(body), keepalive: true }).catch(() => {});
}

function heard(text) {
  snapshot = JSON.parse(text);
  showProblem(snapshot.problem, waiting);
  catchUp();
}

// catchUp does what there is to do, as soon as somebody looks and the program answers.
async function catchUp() {
  if (snapshot === null || busy || document.visibilityState === 'hidden') return;
  if (waiting) {
    const why = document.getElementById('hotdev-why');
    if (why !== null && snapshot.why) why.textContent = snapshot.why;
    if (snapshot.phase === 'serving' && !posted) location.reload();
    return;
  }
  if (snapshot.phase !== 'serving') return;
  const seq = at.get(snapshot.boot) ?? -1;
  const missed = (snapshot.updates ?? []).filter((u) => u.seq > seq);
  const lost = seq < 0 || snapshot.seq > seq && (missed.length === 0 || missed[0].seq > seq + 1);
  if (missed.length === 0 && !lost) return;
  busy = true;
  try {
    await update(missed, lost);
  } finally {
    busy = false;
  }
  catchUp(); // another may have come meanwhile
}

const rank = ['css', 'image', 'morph', 'reload'];

async function update(missed, lost) {
  const to = snapshot.seq;
  const run = snapshot.boot;
  const tier = lost ? 'reload' : missed.map((u) => u.tier).reduce((a, b) => rank.indexOf(a) > rank.indexOf(b) ? a : b);
  const why = lost ? 'hotdev was started anew' : missed.map((u) => u.why).join('; ');
  if (posted && (tier === 'morph' || tier === 'reload')) {
    at.set(run, to);
    say(`${why}: this page came of a form; load it again by hand`);
    return;
  }
  const started = performance.now();
  if (tier === 'reload') return reload(to, why);
  if (tier === 'morph') {
    try {
      await morphPage(`${own('document')}&doc=${doc}`);
      window.htmx?.process?.(document.body); // it does not look for new elements by itself
    } catch (error) {
      return reload(to, `${why}; not morphed: ${error.message}`);
    }
  }
  const files = (t) => missed.filter((u) => u.tier === t).flatMap((u) => u.files ?? []);
  const images = files('image');
  const styles = files('css');
  if (images.length > 0) swapImages(images);
  if (styles.length > 0) await swapStyles(styles);
  at.set(run, to);
  const done = { css: 'css swapped', image: 'images swapped', morph: 'morphed' }[tier];
  say(`${done} in ${Math.round(performance.now() - started)} ms: ${why}`);
  post('shown', { seq: to, tier, why });
  dispatchEvent(new CustomEvent('hotdev:update', { detail: { tier, why, files: missed.flatMap((u) => u.files ?? []) } }));
}

function reload(to, why) {
  say(`reloading: ${why}`);
  try {
    sessionStorage.setItem(remembered, `${snapshot.boot}.${to}`);
    sessionStorage.setItem('hotdev:reloading', JSON.stringify({ seq: to, tier: 'reload', why }));
  } catch { /* no storage */ }
  location.reload();
  return new Promise(() => {}); // nothing more happens on this page
}

// What the last page did is done when this one is there.
addEventListener('load', () => {
  try {
    const did = sessionStorage.getItem('hotdev:reloading');
    if (did === null) return;
    sessionStorage.removeItem('hotdev:reloading');
    say(`reloaded: ${JSON.parse(did).why}`);
    post('shown', JSON.parse(did));
  } catch { /* no storage */ }
});

// listen has heard called for each snapshot: by the worker that all pages share, or by a
// stream of this page's own where there can be no worker.
let stopListening = () => {};

function listen() {
  stopListening();
  try {
    const worker = new SharedWorker('/.hotdev/worker.js', { name: `hotdev ${token} ${program}` });
    worker.port.onmessage = (event) => heard(event.data);
    worker.port.postMessage({ own: { events: own('events'), tabs: own('tabs') } });
    worker.onerror = (event) => { event.preventDefault(); alone(); };
    stopListening = () => { worker.port.postMessage({ bye: true }); worker.port.close(); };
  } catch {
    alone();
  }
}

function alone() {
  let timer = 0;
  const stream = new EventSource(own('events'));
  stream.onmessage = (event) => heard(event.data);
  stream.onerror = () => {
    if (stream.readyState === EventSource.CLOSED) timer = setTimeout(listen, 1000);
  };
  stopListening = () => { clearTimeout(timer); stream.close(); };
}

// A page that is kept for going back must not hold a connection.
addEventListener('pagehide', () => stopListening());
addEventListener('pageshow', (event) => { if (event.persisted) listen(); });
document.addEventListener('visibilitychange', catchUp);
if (!waiting) tellErrors();
listen();
