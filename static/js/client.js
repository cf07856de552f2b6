// After an answer was stored: the row that took the card's place gets the focus; leaving it, the next card follows.
(() => {
  document.addEventListener('htmx:after:swap', () => {
    const open = document.querySelector('[aria-invalid="true"]');
    if (open) { open.focus(); return; }
    const card = document.querySelector('.deck[data-fresh]');
    if (card) { card.removeAttribute('data-fresh'); card.focus({ preventScroll: true }); }
  });
})();
