// A page is morphed: fetched again, and changed only where the new document differs
// from the one that was sent before. So scroll positions, focus, fields that are being
// filled in and whatever scripts have made of the page live on.

let before = null; // the document that this page was made of, as it was sent

// morphPage makes this page look like what its address gives now. What it throws is why
// only loading the page again will do.
async function morphPage(base) {
  if (document.documentElement.hasAttribute('data-no-morph')) throw new Error('the page asks for it (data-no-morph)');
  const next = await fetchDocument(location.href);
  if (new URL(next.URL, location.href).pathname !== location.pathname) throw new Error('its address leads elsewhere now');
  // hotdev keeps what it sent last; a page that is older is compared with itself.
  before ??= await fetchDocument(base).catch(() => document);
  // What a script has done cannot be undone.
  if (before === document || scripts(before) !== scripts(next)) throw new Error(before === document ? 'what it was made of is not known' : 'its scripts changed');
  morph(document.documentElement, before.documentElement, next.documentElement);
  before = next;
}

const scripts = (doc) => [...doc.scripts].map((s) => `${s.type}|${s.src}|${s.textContent}`).join('\n');

// fetchDocument has the browser parse it: a page's policy may forbid doing so from text.
function fetchDocument(url) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('GET', url);
    request.responseType = 'document';
    request.setRequestHeader('Accept', 'text/html');
    request.onload = () => {
      if (request.status >= 400) failed(new Error(`its address gives status ${request.status} now`));
      else if (request.responseXML === null) failed(new Error('its address gives no page any more'));
      else done(request.responseXML);
    };
    request.onerror = () => failed(new Error('it could not be fetched'));
    request.send();
  });
}

// morph changes live as old became next. The two are of one kind.
function morph(live, old, next) {
  if (old.isEqualNode(next)) return;
  if (live.nodeType !== Node.ELEMENT_NODE) {
    live.data = next.data;
    return;
  }
  if (live.hasAttribute('data-no-morph') && live !== document.documentElement) return;
  for (const name of new Set([...old.getAttributeNames(), ...next.getAttributeNames()])) {
    const value = next.getAttribute(name);
    if (old.getAttribute(name) === value) continue;
    if (value === null) live.removeAttribute(name);
    else live.setAttribute(name, value);
  }
  if (live instanceof HTMLTemplateElement) live.content.replaceChildren(document.importNode(next.content, true));
  else morphChildren(live, [...old.childNodes], [...next.childNodes]);
}

function morphChildren(parent, olds, nexts) {
  const lives = counterparts(olds, parent.childNodes);
  const of = matches(olds, nexts); // old by next
  const kept = new Set(of.values());
  let last = null; // what is in its place
  for (const next of nexts) {
    const old = of.get(next);
    let live = lives.get(old);
    if (old !== undefined && live === undefined) continue; // a script has taken it away
    if (live === undefined) live = document.importNode(next, true);
    else morph(live, old, next);
    const misplaced = live.parentNode !== parent || last !== null && !(last.compareDocumentPosition(live) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (misplaced) parent.insertBefore(live, last === null ? parent.firstChild : last.nextSibling);
    last = live;
  }
  for (const old of olds) if (!kept.has(old)) lives.get(old)?.remove();
}

const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? '') === (b.id ?? '');

// counterparts finds the nodes of the page that were made of olds, in order. What
// scripts have put between them is nobody's.
function counterparts(olds, lives) {
  const found = new Map();
  let from = 0;
  for (const old of olds) {
    let i = from;
    while (i < lives.length && !alike(old, lives[i])) i++;
    if (i === lives.length) continue;
    found.set(old, lives[i]);
    from = i + 1;
  }
  return found;
}

// matches says which of olds each of nexts was: the equal ones at both ends, those of
// the same id, those that are equal, and of the rest those of one kind, in order.
function matches(olds, nexts) {
  const of = new Map();
  let first = 0;
  let end = 0;
  const most = Math.min(olds.length, nexts.length);
  while (first < most && olds[first].isEqualNode(nexts[first])) of.set(nexts[first], olds[first++]);
  while (end < most - first && olds.at(-1 - end).isEqualNode(nexts.at(-1 - end))) of.set(nexts.at(-1 - end), olds.at(-1 - end++));
  let rest = olds.slice(first, olds.length - end);
  const wanted = nexts.slice(first, nexts.length - end);
  const take = (next, same) => {
    const i = of.has(next) ? -1 : rest.findIndex(same);
    if (i < 0) return;
    of.set(next, rest[i]);
    rest.splice(i, 1);
  };
  for (const next of wanted) if (next.id) take(next, (old) => alike(old, next));
  // Beyond some hundred nodes, comparing each with each takes longer than it saves.
  if (rest.length * wanted.length < 1e5) for (const next of wanted) take(next, (old) => old.isEqualNode(next));
  for (const next of wanted) take(next, (old) => alike(old, next));
  return of;
}
