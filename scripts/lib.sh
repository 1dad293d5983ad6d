# shellcheck shell=bash
# Shared by the scripts of this folder: strict mode, the repository root, progress lines.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"

say() { printf '==> %s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# How many compilers to run: one per processor, but each one is given 1.5 GiB of memory.
# STARDROP_JOBS overrides it.
job_count() {
  local processors memory_kib by_memory
  if [[ -n ${STARDROP_JOBS:-} ]]; then
    printf '%s\n' "$STARDROP_JOBS"
    return
  fi
  processors=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null || true)
  by_memory=$((${memory_kib:-0} / (1536 * 1024)))
  if ((memory_kib > 0 && by_memory < processors)); then processors=$by_memory; fi
  printf '%s\n' "$((processors > 0 ? processors : 1))"
}

# Runs a command and shows what it printed only if it fails.
quietly() {
  local output
  if ! output=$("$@" 2>&1); then
    printf '%s\n' "$output" >&2
    return 1
  fi
}

# build PRESET [TARGET…]: configures and builds; without targets, what the preset builds.
build() {
  local preset=$1 count
  shift
  count=$(job_count)
  local arguments=(--build --preset "$preset" --parallel "$count")
  if (($# > 0)); then arguments+=(--target "$@"); fi
  # Off a terminal, hundreds of progress lines would only hide the errors.
  if [[ ! -t 1 ]]; then arguments+=(-- --quiet); fi
  say "building $preset ($count jobs)"
  quietly cmake --preset "$preset" || return 1
  cmake "${arguments[@]}" || return 1
}
