# Sourced after .venv exists: finds or installs a Chromium and exports its path as COPILOT_CHROMIUM
# (empty: playwright's own download is used).
_find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }
COPILOT_CHROMIUM="${COPILOT_CHROMIUM:-$(_find_chromium)}"
if [ -z "$COPILOT_CHROMIUM" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the browser tests"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null
    COPILOT_CHROMIUM="$(_find_chromium)"
  else
    .venv/bin/playwright install chromium
  fi
fi
export COPILOT_CHROMIUM
