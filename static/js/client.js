// After an answer was stored: the row that took the card’s place gets the focus; leaving it, the next card follows.
// On a phone the row moves to the top, so that the next card is in sight. Asking for changes begins in its field.
(() => {
  const still = matchMedia('(prefers-reduced-motion: reduce)'), narrow = matchMedia('(max-width: 760px)');
  document.addEventListener('htmx:after:swap', () => {
    const open = document.querySelector('[aria-invalid="true"]');
    if (open) { open.focus(); return; }
    const card = document.querySelector('.deck[data-fresh]');
    if (!card) return;
    card.removeAttribute('data-fresh');
    card.focus({ preventScroll: true });
    if (narrow.matches && card.matches('.done')) card.scrollIntoView({ block: 'start', behavior: still.matches ? 'auto' : 'smooth' });
  });
  document.addEventListener('toggle', event => {
    const field = event.target.open && event.target.matches('.choose details') && event.target.querySelector('textarea');
    if (field) field.focus();
  }, true);
})();
