// The frame: the menu of the phone and the brand switcher close as people expect; the pill that is on stands in sight.
(() => {
  const menu = document.querySelector('#menu');
  document.querySelector('.pills a + [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
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
