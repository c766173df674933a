# Sourced by the scripts that unpack programs of Debian sid beside an older system: packages, resolved and verified by apt
# in a state of its own. Needs no root and changes nothing outside the folder it is given.
#
#   open_sid FOLDER            the folder gets apt's state; the mirror is the one this machine's apt is configured with
#   closure_of PACKAGE         prints the package and all it depends on
#   unpack PACKAGE…            downloads them and unpacks them into FOLDER/root
#   move_into_place DONE TARGET  where a folder with a file `version` is a finished one

fail() {
    echo "$(basename "$0"): $1" >&2
    exit 1
}

open_sid() {
    sid=$1
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    command -v apt-get dpkg-deb >/dev/null || fail "this machine has no apt to fetch packages of Debian sid with"
    [ -e "$keyring" ] || fail "$keyring is missing; install debian-archive-keyring"

    # The machine's own mirror of Debian, whichever release it is configured for.
    local codename
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    mirror=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' \
        | awk -v release="$codename" '$2 == release && $3 == "main" && !found { print $1; found = 1 }')
    [ "$(. /etc/os-release && echo "$ID")" = debian ] && [ -n "$mirror" ] || mirror=http://deb.debian.org/debian

    mkdir -p "$sid/apt/lists/partial" "$sid/apt/cache/archives/partial" "$sid/packages" "$sid/root"
    : >"$sid/apt/status"
    echo "deb [signed-by=$keyring] $mirror sid main" >"$sid/apt/sources.list"
    # Read before the system's own apt.conf, which keeps its proxies and credentials in force.
    cat >"$sid/apt/apt.conf" <<CONF
Dir::State "$sid/apt";
Dir::State::Lists "$sid/apt/lists";
Dir::State::status "$sid/apt/status";
Dir::Cache "$sid/apt/cache";
Dir::Etc::sourcelist "$sid/apt/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
CONF
    export APT_CONFIG=$sid/apt/apt.conf
    apt-get -qq update || fail "cannot read the package list of Debian sid from $mirror"
}

closure_of() {
    apt-get -qq --simulate install "$1" | awk '/^Inst / { print $2 }' \
        || fail "Debian sid's $1 is not installable at the moment"
}

unpack() {
    (cd "$sid/packages" && apt-get -qq download "$@") || fail "cannot download $* of Debian sid from $mirror"
    local package
    for package in "$sid"/packages/*.deb; do
        dpkg-deb --extract "$package" "$sid/root"
    done
}

# Two runs at once: the first to finish wins, the other's copy is thrown away. Without a version it is no install.
move_into_place() {
    [ -e "$2/version" ] || rm -rf "$2"
    mv --no-target-directory "$1" "$2" 2>/dev/null || [ -e "$2/version" ] || fail "cannot move the finished folder to $2"
}
