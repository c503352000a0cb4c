# Sourced by the other scripts: where things live. Everything that is made stays in .venv and .cache of the checkout.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
checkout=$PWD
cache=$checkout/.cache
mkdir -p "$cache"

export UV_CACHE_DIR=${UV_CACHE_DIR:-$cache/uv}
export PIP_CACHE_DIR=${PIP_CACHE_DIR:-$cache/pip}
export PYTHONPYCACHEPREFIX=$cache/pycache
export HYPOTHESIS_STORAGE_DIRECTORY=$cache/hypothesis
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

give_up() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
