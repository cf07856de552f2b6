// The desk: what is typed stays, tabs change without a reload, arrivals are said aloud. Everything works without it.
(() => {
  const composer = document.querySelector('#answer'), store = window.sessionStorage;
  const keyOf = box => `palinsesto:${box.dataset.kept}`;
  const boxes = composer ? [...composer.querySelectorAll('textarea[data-kept]')] : [];

  // Nothing typed is lost: a reload, a like, another page and back.
  for (const box of boxes) {
    const kept = store.getItem(keyOf(box));
    if (!box.value && kept) box.value = kept;
    box.addEventListener('input', () => { store.setItem(keyOf(box), box.value); });
    box.form.addEventListener('submit', () => { store.setItem(`${keyOf(box)}:sent`, box.value); });
  }
  // Only words that were really handed over are forgotten: the page that comes back shows them as a message.
  const shown = [...document.querySelectorAll('#stream .mine .bubble, #stream .note .lines')].map(one => one.textContent.trim());
  for (const box of boxes) {
    const sent = store.getItem(`${keyOf(box)}:sent`);
    if (sent === null) continue;
    store.removeItem(`${keyOf(box)}:sent`);
    if (shown.includes(sent.trim())) { store.removeItem(keyOf(box)); if (box.value === sent) box.value = ''; }
  }

  composer?.addEventListener('click', event => {
    const tab = event.target.closest('[data-tab]');
    if (!tab) return;
    event.preventDefault();
    for (const one of composer.querySelectorAll('[data-tab]')) one.toggleAttribute('aria-current', one === tab);
    tab.setAttribute('aria-current', 'true');
    for (const form of composer.querySelectorAll('[data-box]')) form.hidden = form.dataset.box !== tab.dataset.tab;
    composer.querySelector(`[data-box="${tab.dataset.tab}"] textarea`)?.focus();
  });

  const stream = () => document.querySelector('#stream');
  const toEnd = () => { const box = stream(); if (box) box.scrollTop = box.scrollHeight; };
  const spokenTo = document.querySelector(`#m${composer?.querySelector('#answer-comment')?.value || '-'}`);
  if (stream() && !location.hash.startsWith('#m')) {
    toEnd();
    const box = stream(), top = spokenTo ? spokenTo.offsetTop : box.scrollTop;
    if (spokenTo && top < box.scrollTop) box.scrollTop = Math.max(0, top - 12);
  }

  // Arrivals: said once, and scrolled to only for who reads at the end.
  let count = Number(stream()?.dataset.count || 0), atEnd = true;
  document.addEventListener('htmx:before:swap', () => {
    const box = stream();
    atEnd = Boolean(box) && box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  });
  document.addEventListener('htmx:after:swap', () => {
    const now = Number(stream()?.dataset.count || 0);
    if (now > count) { if (atEnd) toEnd(); window.palinsesto?.say(stream().dataset.arrived); }
    count = now;
  });
})();
