# shellcheck shell=sh
# How udplab gets onto other machines: manual pages, ./lab install, ./lab uninstall, ./lab package.
# `lab` reads this file and has the variables and functions that it uses: $root, $logs, $program,
# say, die, quietly, need_swift, build.

# --- Manual pages ---------------------------------------------------------------------------------

manual_scratch=$root/.build/manual
manual_tool=$manual_scratch/debug/generate-manual

# The tool that the generate-manual plugin of swift-argument-parser runs. The plugin itself would
# build all of udplab once more, for debugging; the tool alone takes seconds.
build_manual_tool() {
    [ ! -x "$manual_tool" ] || [ "$root/Package.resolved" -nt "$manual_tool" ] || return 0
    need_swift
    quietly "building the generator of the manual pages" "$logs/build-manual.log" \
        swift build --package-path "$root/.build/checkouts/swift-argument-parser" \
            --scratch-path "$manual_scratch" --product generate-manual || {
        cat "$logs/build-manual.log" >&2
        say "the build of generate-manual failed"
        return 70
    }
    touch "$manual_tool"
}

# sudo makes the checkout somebody else's, and git(1) then asks whether it is to be trusted.
git_here() { git -c safe.directory="$root" -C "$root" "$@"; }

# The time of what is packed: of the last commit, so that the same commit gives the same packages.
source_date() {
    if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
        echo "$SOURCE_DATE_EPOCH"
    else
        git_here log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/CHANGELOG.md"
    fi
}

# man_pages FOLDER: a page for udplab and one for each verb.
man_pages() {
    # The generator drops characters beyond ASCII, so they travel through it under their numbers.
    made=$(mktemp -d) || return
    cat >"$made/udplab" <<END
#!/bin/sh
"$program" "\$@" | sed 's/·/@U+00B7@/g; s/…/@U+2026@/g'
END
    chmod +x "$made/udplab"
    "$manual_tool" "$made/udplab" --multi-page --date "$(date -u -d "@$(source_date)" +%Y-%m-%d)" \
        --output-directory "$made" || return
    for page in "$made"/udplab*.1; do
        verb_page=$(basename "$page" .1 | tr . -).1
        awk -f "$root/Packaging/man.awk" "$page" >"$1/$verb_page" || return
    done
    # The number is missing above of a character that nothing stands for here.
    if "$program" --experimental-dump-help | sed 's/[·…]//g' | LC_ALL=C grep -q '[^ -~]'; then
        say "the help has a character that man_pages does not know"
        return 1
    fi
    rm -r "$made"
}

# --- What is installed ----------------------------------------------------------------------------

# stage FOLDER ZSH: all files that are installed, below the folder as they are below the prefix. zsh
# has its completions elsewhere in a package of Debian.
stage() {
    bash_folder=$1/share/bash-completion/completions
    fish_folder=$1/share/fish/vendor_completions.d
    mkdir -p "$1/bin" "$bash_folder" "$fish_folder" "$1/$2" "$1/share/man/man1" \
        "$1/share/udplab/Scenarios" "$1/share/doc/udplab" || return
    cp "$program" "$1/bin/udplab" &&
        "$program" --generate-completion-script bash | sed '1{/^#!/d}' >"$bash_folder/udplab" &&
        "$program" --generate-completion-script fish >"$fish_folder/udplab.fish" &&
        "$program" --generate-completion-script zsh >"$1/$2/_udplab" &&
        man_pages "$1/share/man/man1" &&
        cp "$root"/Scenarios/*.json "$1/share/udplab/Scenarios" &&
        cp "$root/LICENSE" "$root/README.md" "$root/CHANGELOG.md" "$1/share/doc/udplab" &&
        chmod -R u=rwX,go=rX "$1" && chmod 755 "$1/bin/udplab"
}

# --- Install and uninstall ------------------------------------------------------------------------

manifest_name=share/udplab/installed.txt

# Reads [--prefix DIR] into $prefix.
read_prefix() {
    verb=$1 prefix=/usr/local
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix) prefix=${2:-} && shift ;;
        --prefix=*) prefix=${1#--prefix=} ;;
        *) die "$verb takes --prefix DIR, by default /usr/local" ;;
        esac
        [ $# -eq 0 ] || shift
    done
    case $prefix in
    /*) ;;
    '') die "$verb takes --prefix DIR, by default /usr/local" ;;
    *) prefix=$PWD/$prefix ;;
    esac
    place=${DESTDIR:-}$prefix
}

# need_writable FOLDER VERB: the folder, or the nearest one above it that exists.
need_writable() {
    above=$1
    while [ ! -e "$above" ]; do above=$(dirname "$above"); done
    [ -d "$above" ] && [ -w "$above" ] && return
    become=
    [ -z "${DESTDIR:-}" ] || become="DESTDIR='$DESTDIR' "
    die "$above cannot be written. Please type one of:${newline}${newline}" \
        "   sudo $become$root/lab $2 --prefix '$prefix'${newline}" \
        "   $root/lab $2 --prefix \"\$HOME/.local\""
}

hash_of() { sha256sum "$1" | cut -d ' ' -f 1; }

# put_in_place STAGED PLACE: copies the files, and writes the manifest: a line "folder PATH" for
# every folder that was made, a line "HASH PATH" for every file, all paths below the place.
put_in_place() {
    manifest=$2/$manifest_name
    old=$(mktemp) && new=$(mktemp) || return
    [ ! -f "$manifest" ] || cp "$manifest" "$old"
    # A folder that an earlier installation made is still its own.
    sed -n 's/^folder //p' "$old" >"$new.folders"
    [ -d "$2" ] || echo . >>"$new.folders"
    (cd "$1" && find . -mindepth 1 -type d | LC_ALL=C sort) | sed 's|^\./||' |
        while IFS= read -r folder; do
            [ -d "$2/$folder" ] || echo "$folder" >>"$new.folders"
            mkdir -p "$2/$folder" || exit
        done || return
    LC_ALL=C sort -u "$new.folders" | sed 's/^/folder /' >"$new"
    (cd "$1" && find . -type f | LC_ALL=C sort) | sed 's|^\./||' >"$new.files"
    while IFS= read -r file; do
        hash=$(hash_of "$1/$file")
        if [ -e "$2/$file" ] && [ "$(hash_of "$2/$file")" != "$hash" ] &&
            ! grep -qxF "$(hash_of "$2/$file") $file" "$old"; then
            say "$2/$file is not as it was installed: kept as $file.old"
            mv "$2/$file" "$2/$file.old" || return
        fi
        # A program that runs cannot be written to, but another one can have its name.
        cp "$1/$file" "$2/$file.new" && mv "$2/$file.new" "$2/$file" || return
        echo "$hash $file" >>"$new"
    done <"$new.files"
    # What an earlier version had and this one has not.
    while read -r hash file; do
        [ "$hash" = folder ] || grep -qxF "$file" "$new.files" || remove_file "$2" "$hash" "$file"
    done <"$old"
    cp "$new" "$manifest" && chmod 644 "$manifest" || return
    rm -f "$old" "$new" "$new.folders" "$new.files"
}

# remove_file PLACE HASH FILE: unless it has changed since.
remove_file() {
    if [ ! -e "$1/$3" ] && [ ! -L "$1/$3" ]; then return; fi
    if [ ! -L "$1/$3" ] && [ "$(hash_of "$1/$3")" = "$2" ]; then
        rm -f "$1/$3"
    else
        say "left, because it was changed: $1/$3"
    fi
}

# take_away PLACE: the files of the manifest, and the folders that were made and are empty.
take_away() {
    manifest=$1/$manifest_name
    [ -f "$manifest" ] || {
        say "there is no $manifest: nothing was installed there by ./lab install"
        return 1
    }
    failed=0
    while read -r hash file; do
        case $file in
        /* | ../* | */../* | '') say "skipped a line of the manifest: $hash $file" ;;
        *) [ "$hash" = folder ] || remove_file "$1" "$hash" "$file" || failed=1 ;;
        esac
    done <"$manifest"
    [ "$failed" -eq 0 ] || {
        say "not everything could be taken away; $manifest still has it"
        return 1
    }
    list=$(mktemp) && mv "$manifest" "$list" || return
    sed -n 's/^folder //p' "$list" | LC_ALL=C sort -r | while IFS= read -r folder; do
        # rmdir(1) takes no path that ends in a point.
        if [ "$folder" = . ]; then folder=; fi
        rmdir "$1/$folder" 2>/dev/null || true
    done
    rm -f "$list"
}

run_install() {
    read_prefix install "$@"
    mkdir -p "$logs"
    build udplab && build_manual_tool || exit
    need_writable "$place" install
    staged=$(mktemp -d)
    stage "$staged" share/zsh/site-functions && put_in_place "$staged" "$place" ||
        die "not everything is in place below $place; ./lab uninstall takes away what is"
    rm -r "$staged"
    say "installed below $place: $(grep -vc '^folder ' "$place/$manifest_name") files," \
        "listed in $place/$manifest_name"
    case :$PATH: in
    *:"$prefix/bin":*) ;;
    *) say "$prefix/bin is not on the PATH" ;;
    esac
}

run_uninstall() {
    read_prefix uninstall "$@"
    [ ! -f "$place/$manifest_name" ] || need_writable "$place/share/udplab" uninstall
    take_away "$place" || exit 1
    say "uninstalled from $place"
}

# --- Packages -------------------------------------------------------------------------------------

packages=$logs/packages

# The version of the program; of a commit that is no release, with its date and number.
package_version() {
    version=$("$program" --version) || return
    if git_here describe --exact-match --tags --match "v$version" >/dev/null 2>&1; then
        echo "$version"
    else
        commit=$(git_here rev-parse --short=8 HEAD 2>/dev/null || echo unknown)
        echo "$version+git$(date -u -d "@$(source_date)" +%Y%m%d).$commit"
    fi
}

# The packages that have the libraries of the program, each at the version from which on the library
# has what is used of it, or where that cannot be asked, as old as the one that was linked.
depends() {
    if command -v dpkg-shlibdeps >/dev/null 2>&1; then
        asked=$(mktemp -d) && mkdir "$asked/debian" && : >"$asked/debian/control" || return
        (cd "$asked" && dpkg-shlibdeps -O "$program" 2>"$logs/shlibdeps.log") |
            sed -n 's/^shlibs:Depends=//p'
        rm -r "$asked"
        return
    fi
    ldd "$program" | sed -n 's|.*[ \t]\(/[^ ]*\) (0x.*|\1|p' | while IFS= read -r library; do
        { dpkg-query -S "$library" || dpkg-query -S "/usr$library"; } 2>/dev/null | head -n 1
    done | cut -d : -f 1 | LC_ALL=C sort -u | while IFS= read -r name; do
        dpkg-query -W -f '${Package} (>= ${source:Upstream-Version})\n' "$name" | head -n 1
    done | paste -sd , | sed 's/,/, /g'
}

# debian_package VERSION DATE: the .deb, from a folder that has what will be installed.
debian_package() {
    deb=$(mktemp -d) || return
    chmod 755 "$deb"
    architecture=$(dpkg --print-architecture)
    mkdir "$deb/usr" "$deb/DEBIAN"
    stage "$deb/usr" share/zsh/vendor-completions || return
    gzip -9n "$deb"/usr/share/man/man1/*.1
    documents=$deb/usr/share/doc/udplab
    rm "$documents/LICENSE"   # base-files has its text, and `copyright` says where
    gzip -9nc "$documents/CHANGELOG.md" >"$documents/changelog.gz" && rm "$documents/CHANGELOG.md"
    cp "$root/Packaging/copyright" "$documents/copyright"
    maintainer=$(sed -n 's/^Upstream-Contact: //p' "$root/Packaging/copyright")
    gzip -9nc >"$documents/changelog.Debian.gz" <<END
udplab ($1-1) unstable; urgency=medium

  * Built by ./lab package. changelog.gz says what has changed.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$2")
END
    needed=$(depends) && [ -n "$needed" ] || {
        say "the packages that udplab depends on are not known: see $logs/shlibdeps.log"
        return 1
    }
    cat >"$deb/DEBIAN/control" <<END
Package: udplab
Version: $1-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -ks "$deb/usr" | cut -f 1)
Depends: $needed
Suggests: iproute2
Section: net
Priority: optional
Description: load-testing and reliability lab for UDP
 udplab runs test plans: it sends real datagrams over loopback, emulated
 networks, network namespaces or a real path, lets them be echoed or counted,
 measures loss, reordering, duplication and latency, and writes one JSON report.
 Every datagram that a plan schedules ends in exactly one account of a ledger.
END
    chmod -R u=rwX,go=rX "$deb" && chmod 755 "$deb/usr/bin/udplab"
    (cd "$deb" && find usr -type f | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums) &&
        chmod 644 "$deb/DEBIAN/md5sums" &&
        find "$deb" -exec touch -h -d "@$2" {} + &&
        SOURCE_DATE_EPOCH=$2 dpkg-deb --root-owner-group -Zxz --build "$deb" \
            "$packages/udplab_$1-1_$architecture.deb" >/dev/null || return
    rm -r "$deb"
}

# archive VERSION DATE: the .tar.xz, which can be unpacked into any prefix.
archive() {
    archived=udplab-$1-linux-$(uname -m)
    packed=$(mktemp -d) || return
    mkdir "$packed/$archived"
    stage "$packed/$archived" share/zsh/site-functions &&
        tar -C "$packed" --sort=name --mtime="@$2" --owner=0 --group=0 --numeric-owner \
            -cf "$packages/$archived.tar" "$archived" &&
        xz "$packages/$archived.tar" || return
    rm -r "$packed"
}

make_packages() {
    rm -rf "$packages"
    mkdir -p "$packages"
    date=$(source_date) && version=$(package_version) || return
    # Most of the time goes into compressing.
    archive "$version" "$date" &
    archiving=$!
    packed_here=0
    if command -v dpkg-deb >/dev/null 2>&1; then
        debian_package "$version" "$date" || packed_here=$?
    else
        say "no .deb was made: there is no dpkg-deb here"
    fi
    wait "$archiving" && [ "$packed_here" -eq 0 ] || return 1
    cp "$root/Packaging/Containerfile" "$packages/Containerfile"
}

# A container engine that runs here.
container_engine() {
    for engine in podman docker; do
        ! "$engine" info >/dev/null 2>&1 || {
            echo "$engine"
            return
        }
    done
    return 1
}

image_works() {
    "$1" build -t udplab:lab "$packages" && "$1" run --rm udplab:lab --version
}

run_package() {
    [ $# -eq 0 ] || die "package takes no arguments"
    mkdir -p "$logs"
    build udplab && build_manual_tool || exit
    quietly "packing" "$logs/package.log" make_packages || {
        cat "$logs/package.log" >&2
        die "the packages could not be made"
    }
    say "made in $packages:"
    ls -1 "$packages"
}

# check_packages: the checks of `test`. The packages are made of the program that it has built, and
# UDPLAB_PACKAGES says to the tests where they are.
check_packages() {
    check "packages" packages_can_be_made
    [ "$verdict" = ok ] || return 0
    export UDPLAB_PACKAGES="$packages"
    if engine=$(container_engine); then
        check "container image" image_works "$engine"
    else
        summary="$summary$newline    $(printf '%-15s' skipped)  container image: no engine runs here"
    fi
}

packages_can_be_made() { build_manual_tool && make_packages; }
