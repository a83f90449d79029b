// One stream of snapshots for all open pages of an address: browsers allow six
// connections to a host, and each page would take one of them.
'use strict';

const pages = new Set();
let stream = null;
let last = null; // the newest snapshot
let again = 0; // the timer of the next try

onconnect = (event) => {
  const page = event.ports[0];
  pages.add(page);
  page.onmessage = ({ data }) => {
    if (data.bye) {
      pages.delete(page);
      tell();
      return;
    }
    own = data.own ?? own;
    connect();
    tell();
  };
  if (last !== null) page.postMessage(last);
};

let own = { events: '', tabs: '' }; // addresses
const id = Math.random().toString(36).slice(2);

function connect() {
  clearTimeout(again);
  if (stream !== null && stream.readyState !== EventSource.CLOSED) return;
  stream = new EventSource(`${own.events}&worker=${id}`);
  stream.onopen = tell;
  stream.onmessage = (event) => {
    last = event.data;
    for (const page of pages) page.postMessage(last);
  };
  // A browser tries again by itself after a failed connection, but not after an
  // answer that is no stream: another server may have the port for a while.
  stream.onerror = () => {
    last = null;
    if (stream.readyState === EventSource.CLOSED) again = setTimeout(connect, 1000);
  };
}

// tell says how many pages share the stream.
function tell() {
  if (stream?.readyState !== EventSource.OPEN) return;
  fetch(own.tabs, { method: 'POST', body: JSON.stringify({ worker: id, tabs: pages.size }) }).catch(() => {});
}
