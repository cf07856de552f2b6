// The frame: the menu of the phone and the brand switcher close as people expect; the pill that is on stands in sight.
(() => {
  const menu = document.querySelector('#menu');
  // only sideways: the page itself stays where its address, or going back, put it
  const on = document.querySelector('.pills a + [aria-current]');
  for (const row of [on?.closest('.pills'), on?.closest('.sift')]) {
    if (row) row.scrollLeft += on.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - on.offsetWidth) / 2;
  }
  addEventListener('hashchange', () => { if (location.hash === '#menu') menu?.querySelector('a, summary')?.focus(); });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    if (location.hash === '#menu') { location.hash = '#main'; return; }
    for (const open of document.querySelectorAll('details.switch[open], details.menu[open]')) {
      open.removeAttribute('open'); open.querySelector('summary').focus();
      event.preventDefault();
    }
  });
  document.addEventListener('click', event => {
    for (const open of document.querySelectorAll('details.switch[open], details.menu[open]')) {
      if (!open.contains(event.target)) open.removeAttribute('open');
    }
  });
})();
