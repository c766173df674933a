# Sourced by the scripts that put a Python program into a folder of its own.
#
#   install_pinned NAME FOLDER [PINS]    makes FOLDER a virtual environment with what PINS.txt beside this file pins by
#                                        hashes, NAME.txt unless given; NAME among it
#
# Needs no root and changes nothing outside the folder. A complete folder is kept as it is, unless other versions were pinned
# since.

fail() {
    echo "$(basename "$0"): $1" >&2
    exit 1
}

install_pinned() {
    local name=$1 target=$2 pins python=/usr/bin/python3 version
    pins=$(dirname "${BASH_SOURCE[0]}")/${3:-$name}.txt
    ! cmp --quiet "$pins" "$target/pins" || return 0
    "$python" -c 'import ensurepip' 2>/dev/null \
        || fail "$python cannot make virtual environments; install python3-venv"

    # A virtual environment knows where it is, so it is made in its place; the pins come last and say that it is complete.
    rm -rf "$target"
    "$python" -m venv "$target" || fail "cannot make a virtual environment in $target"
    "$target/bin/pip" --quiet --disable-pip-version-check install --only-binary :all: --require-hashes -r "$pins" \
        || fail "cannot install $name from PyPI"
    version=$("$target/bin/python" -c "import $name, importlib.metadata as m; print(m.version('$name'))") \
        || fail "the installed $name does not start"
    cp "$pins" "$target/pins"
    echo "$(basename "$0"): $version"
}
