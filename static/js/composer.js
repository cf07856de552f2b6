// The composer with script: pictures go up at once with their progress, by button, paste or drop; order changes in place.
// Without script the same buttons are those of the form.
(() => {
  const form = document.querySelector('[data-composer]');
  if (!form) return;
  document.documentElement.classList.add('has-script');
  document.querySelector('[data-summary]')?.focus();
  const box = form.querySelector('[data-pictures]'), list = form.querySelector('[data-picture-list]');
  const state = form.querySelector('[data-upload-state]'), picker = form.querySelector('input[type=file]');
  const changed = () => form.dispatchEvent(new Event('change', { bubbles: true }));
  let dirty = false;

  function take(html) {
    const holder = document.createElement('ol');
    holder.innerHTML = html;
    for (const item of [...holder.children]) {
      if (item.dataset.uploadProblem !== undefined) { say(item.textContent, true); continue; }
      if (!list.querySelector(`[data-picture="${item.dataset.picture}"]`)) list.append(item);
    }
    dirty = true;
    changed();
  }
  function say(text, isProblem) {
    const line = document.createElement('p');
    line.className = isProblem ? 'small problem' : 'small muted';
    line.textContent = text;
    state.append(line);
  }
  function send(files) {
    if (!files.length) return;
    state.replaceChildren();
    const bar = document.createElement('progress');
    bar.className = 'bar-line'; bar.max = 1; bar.value = 0; bar.setAttribute('aria-label', box.dataset.busy);
    state.append(bar);
    const body = new FormData();
    for (const file of files) body.append('upload', file);
    const request = new XMLHttpRequest();
    request.open('POST', box.dataset.upload);
    request.setRequestHeader('X-CSRFToken', form.querySelector('[name=csrfmiddlewaretoken]').value);
    request.setRequestHeader('X-Composer', 'yes');
    request.upload.addEventListener('progress', event => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener('loadend', () => {
      bar.remove();
      if (request.status === 200 || request.status === 422) take(request.responseText); else say(box.dataset.failed, true);
    });
    request.send(body);
  }

  picker.addEventListener('change', event => { event.stopPropagation(); send([...picker.files]); picker.value = ''; });
  form.addEventListener('paste', event => {
    const files = [...(event.clipboardData?.files || [])].filter(file => file.type.startsWith('image/'));
    if (files.length) { event.preventDefault(); send(files); }
  });
  for (const name of ['dragover', 'dragleave', 'drop']) {
    box.addEventListener(name, event => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      box.classList.toggle('over', name === 'dragover');
      if (name === 'drop') send([...event.dataTransfer.files]);
    });
  }
  list.addEventListener('click', event => {
    const button = event.target.closest('button[name=arrange]');
    if (!button) return;
    event.preventDefault();
    const item = button.closest('[data-picture]'), how = button.value.split(':')[1];
    if (how === 'away') { (item.nextElementSibling || item.previousElementSibling || box).querySelector('textarea, input')?.focus(); item.remove(); }
    if (how === 'up' && item.previousElementSibling) item.previousElementSibling.before(item);
    if (how === 'down' && item.nextElementSibling) item.nextElementSibling.after(item);
    if (how !== 'away') button.focus();
    changed();
  });

  // a text of its own starts from the common one
  form.addEventListener('change', event => {
    if (event.target.matches?.('[data-own]') && event.target.checked) {
      const own = event.target.closest('.channel').querySelector('.channel-own textarea');
      if (!own.value) own.value = form.elements.text.value;
    }
  });

  // lengths, counted by the server as each platform counts; a newer question ends the older one without a word
  const live = form.querySelector('[data-lengths]');
  let waiting, asking;
  async function count() {
    asking?.abort();
    asking = new AbortController();
    const body = new FormData(form);
    body.delete('upload');
    try {
      const answer = await fetch(live.dataset.lengths, { method: 'POST', body, signal: asking.signal, headers: { 'X-CSRFToken': body.get('csrfmiddlewaretoken') } });
      if (answer.ok) show(await answer.text());
    } catch { /* the numbers stay as they are; saving counts again */ }
  }
  function show(html) {
    const held = live.contains(document.activeElement) ? document.activeElement.value : null;
    live.innerHTML = html;
    if (held) live.querySelector(`button[value="${held}"]`)?.focus();
  }
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(count, 200); };
  form.addEventListener('input', soon);
  form.addEventListener('change', soon);

  // what blocks sending is said where the button is; leaving with unsaved words asks first
  form.addEventListener('submit', event => {
    if (event.submitter?.hasAttribute('data-blocked')) {
      event.preventDefault();
      window.palinsesto.say(form.querySelector('#why-blocked')?.textContent || '');
      return;
    }
    dirty = false;
  });
  form.addEventListener('input', () => { dirty = true; });
  addEventListener('beforeunload', event => { if (dirty) event.preventDefault(); });
})();
