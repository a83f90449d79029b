// Style sheets and images are swapped in place: the new one is loaded beside the old
// one, which goes when the new one is there, so that nothing flashes.

const sameOrigin = (url) => new URL(url, location.href).origin === location.origin;

// fresh is url with a query that no cache knows.
function fresh(url) {
  const u = new URL(url, location.href);
  u.searchParams.set('hotdev', Date.now().toString(36));
  return u.href;
}

// named picks those of urls that a changed file may be behind: the ones whose path ends
// like the file's, by as many folders as any does.
function named(files, urls) {
  let best = 0;
  let found = new Set();
  for (const url of urls) {
    const path = decodeURI(new URL(url, location.href).pathname).split('/').reverse();
    for (const file of files) {
      const parts = file.split(/[\\/]/).reverse();
      let n = 0;
      while (n < parts.length && n < path.length && plain(parts[n]) === plain(path[n])) n++;
      if (n > best) [best, found] = [n, new Set()];
      if (n > 0 && n === best) found.add(url);
    }
  }
  return found;
}

// plain is a name without a hash in it: app.3f2a91bc.css is app.css.
const plain = (name) => name.replace(/[.-][0-9a-zA-Z_]{8,}(?=\.\w+$)/, '');

// swapStyles loads the style sheets again that files may have made: those of their
// names, or all, for one may be compiled from others.
async function swapStyles(files) {
  const links = [...document.querySelectorAll('link[rel~="stylesheet"][href]')].filter((l) => sameOrigin(l.href));
  let urls = named(files, links.map((l) => l.href));
  if (urls.size === 0) urls = new Set(links.map((l) => l.href));
  const swapped = links.filter((l) => urls.has(l.href));
  await Promise.all(swapped.map((link) => new Promise((done) => {
    const next = link.cloneNode();
    next.href = fresh(link.href);
    next.onload = () => { link.remove(); done(); };
    next.onerror = () => { next.remove(); done(); };
    link.after(next);
  })));
  return swapped.length;
}

// swapImages loads images again: elements, and what style sheets show.
function swapImages(files) {
  let count = 0;
  const swap = (url) => {
    if (url === '' || url.startsWith('data:') || !sameOrigin(url) || named(files, [url]).size === 0) return url;
    count++;
    return fresh(url);
  };
  for (const element of document.querySelectorAll('img[src], input[type="image"][src], link[rel~="icon"][href], image[href]')) {
    const name = element.hasAttribute('src') ? 'src' : 'href';
    const old = element.getAttribute(name);
    const url = swap(old);
    if (url !== old) element.setAttribute(name, url);
  }
  for (const element of document.querySelectorAll('img[srcset], source[srcset]')) {
    element.srcset = element.srcset.replace(/(^|,\s*)(\S+)/g, (_, before, url) => before + swap(url));
  }
  const inStyle = (style) => {
    for (const name of ['background-image', 'border-image-source', 'list-style-image', 'content', 'cursor', 'mask-image']) {
      const value = style.getPropertyValue(name);
      if (!value.includes('url(')) continue;
      const next = value.replace(/url\((['"]?)(.*?)\1\)/g, (_, quote, url) => `url(${quote}${swap(url)}${quote})`);
      if (next !== value) style.setProperty(name, next, style.getPropertyPriority(name));
    }
  };
  const inRules = (rules) => {
    for (const rule of rules) {
      if (rule.style) inStyle(rule.style);
      if (rule.cssRules) inRules(rule.cssRules);
    }
  };
  for (const sheet of document.styleSheets) {
    try {
      inRules(sheet.cssRules);
    } catch { /* of another origin */ }
  }
  for (const element of document.querySelectorAll('[style*="url("]')) inStyle(element.style);
  return count;
}
