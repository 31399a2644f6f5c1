#!/bin/sh
# Prints a Python that can run Maskloop (3.11 to 3.13 with venv), or says in one sentence what is
# missing. $PYTHON, when set, is the only one that is tried.

seen=""
no_venv=""
for name in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
    path=$(command -v "$name") || continue
    version=$("$path" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    seen="$version"
    case "$version" in 3.11 | 3.12 | 3.13) ;; *) continue ;; esac
    if "$path" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$path"
        exit 0
    fi
    no_venv="$version"
done

if [ -n "$PYTHON" ] && [ -z "$seen" ]; then
    echo "PYTHON=$PYTHON does not run: name a Python 3.11, 3.12 or 3.13." >&2
elif [ -n "$no_venv" ]; then
    echo "Python $no_venv is here without its venv module: install it (on Debian and Ubuntu: apt install python$no_venv-venv) and try again." >&2
elif [ -n "$seen" ]; then
    echo "Maskloop needs Python 3.11, 3.12 or 3.13, and this machine has $seen: install one of them, or name it with PYTHON=/path/to/python." >&2
else
    echo "Maskloop needs Python 3.11, 3.12 or 3.13, and none was found: install it, or name it with PYTHON=/path/to/python." >&2
fi
exit 1
