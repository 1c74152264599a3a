import Glibc
import Harness
import Testing

/// `./lab install`, `./lab uninstall` and `./lab package`: what they put where, and that it works
/// there. What is installed needs nothing of the checkout.
@Suite struct PackagingTests {
    // MARK: - Install and uninstall

    /// Runs functions of Packaging/packages.sh in a folder.
    private static func shell(
        _ script: String, in directory: TemporaryDirectory, environment: [String: String?] = [:]
    ) async throws -> Execution.Ended {
        let start = """
            set -eu
            root=$1 logs=. program=/bin/true newline='
            '
            say() { printf 'lab: %s\\n' "$*" >&2; }
            die() { say "$@"; exit 70; }
            . "$root/Packaging/packages.sh"

            """
        return try await Execution.run(
            ["-c", start + script, "sh", Program.root], program: "sh", in: directory,
            environment: environment)
    }

    /// The files and folders below a folder, in the order of the alphabet.
    private static func tree(_ path: String) -> [String] {
        TemporaryDirectory.names(in: path).flatMap { name in
            [name] + tree("\(path)/\(name)").map { "\(name)/\($0)" }
        }
    }

    private static func staged() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for folder in ["staged", "staged/bin", "staged/share", "staged/share/udplab"] {
            mkdir(directory.file(folder), 0o755)
        }
        try directory.write("staged/bin/udplab", "program 1")
        try directory.write("staged/share/udplab/a plan.json", "plan 1")
        try directory.write("staged/share/udplab/old.json", "old 1")
        return directory
    }

    @Test("what was installed is taken away, and nothing else")
    func uninstall() async throws {
        let directory = try Self.staged()
        mkdir(directory.file("prefix"), 0o755)
        mkdir(directory.file("prefix/bin"), 0o755)
        try directory.write("prefix/bin/other", "not ours")
        let before = Self.tree(directory.file("prefix"))
        let installed = try await Self.shell("put_in_place staged prefix", in: directory)
        #expect(installed.code == 0, "\(installed.all)")
        #expect(
            Self.tree(directory.file("prefix")) == [
                "bin", "bin/other", "bin/udplab", "share", "share/udplab",
                "share/udplab/a plan.json", "share/udplab/installed.txt", "share/udplab/old.json",
            ])
        let removed = try await Self.shell("take_away prefix", in: directory)
        #expect(removed.code == 0 && removed.errors == "", "\(removed.all)")
        #expect(Self.tree(directory.file("prefix")) == before)
        let again = try await Self.shell("take_away prefix", in: directory)
        #expect(again.code == 1 && again.errors.contains("nothing was installed"), "\(again.all)")
    }

    @Test("a prefix that did not exist is gone afterwards; with spaces it is one as well")
    func ownPrefix() async throws {
        let directory = try Self.staged()
        let ended = try await Self.shell(
            "put_in_place staged 'my prefix'; ls 'my prefix'; take_away 'my prefix'",
            in: directory)
        #expect(ended.code == 0 && ended.output == "bin\nshare\n", "\(ended.all)")
        #expect(!directory.exists("my prefix"))
    }

    @Test("files that were changed since are left and named, with their folders")
    func changed() async throws {
        let directory = try Self.staged()
        let installed = try await Self.shell("put_in_place staged prefix", in: directory)
        #expect(installed.code == 0, "\(installed.all)")
        try directory.write("prefix/share/udplab/a plan.json", "mine")
        try directory.write("prefix/share/udplab/another.json", "mine too")
        let removed = try await Self.shell("take_away prefix", in: directory)
        #expect(removed.code == 0, "\(removed.all)")
        #expect(
            removed.errors
                == "lab: left, because it was changed: prefix/share/udplab/a plan.json\n")
        #expect(
            Self.tree(directory.file("prefix")) == [
                "share", "share/udplab", "share/udplab/a plan.json", "share/udplab/another.json",
            ])
    }

    @Test("a second installation replaces the first, keeps what was changed, drops what is gone")
    func upgrade() async throws {
        let directory = try Self.staged()
        let first = try await Self.shell("put_in_place staged prefix", in: directory)
        #expect(first.code == 0, "\(first.all)")
        try directory.write("staged/bin/udplab", "program 2")
        unlink(directory.file("staged/share/udplab/old.json"))
        try directory.write("prefix/share/udplab/a plan.json", "mine")
        let second = try await Self.shell("put_in_place staged prefix", in: directory)
        #expect(second.code == 0, "\(second.all)")
        #expect(second.errors.contains("kept as share/udplab/a plan.json.old"), "\(second.all)")
        #expect(try directory.read("prefix/bin/udplab") == Array("program 2".utf8))
        #expect(try directory.read("prefix/share/udplab/a plan.json.old") == Array("mine".utf8))
        #expect(!directory.exists("prefix/share/udplab/old.json"))
        let removed = try await Self.shell("take_away prefix", in: directory)
        #expect(removed.code == 0 && removed.errors == "", "\(removed.all)")
        #expect(
            Self.tree(directory.file("prefix")) == [
                "share", "share/udplab", "share/udplab/a plan.json.old",
            ])
    }

    @Test("a manifest that somebody wrote leads out of no prefix")
    func hostileManifest() async throws {
        let directory = try Self.staged()
        try directory.write("keep", "")
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let installed = try await Self.shell("put_in_place staged prefix", in: directory)
        #expect(installed.code == 0, "\(installed.all)")
        try directory.write(
            "prefix/share/udplab/installed.txt",
            "\(empty) ../keep\n\(empty) share/../../keep\n\(empty) \(directory.file("keep"))\n")
        let removed = try await Self.shell("take_away prefix", in: directory)
        #expect(removed.errors.contains("skipped a line"), "\(removed.all)")
        #expect(directory.exists("keep"))
    }

    @Test(
        "a folder that cannot be written is named, with the line to type",
        .enabled(if: Program.isRoot, "only root can become a user who may not write"))
    func needsRoot() async throws {
        let directory = try TemporaryDirectory()
        // The checkout may be in a folder that other users cannot read.
        try directory.write(
            "packages.sh", TemporaryDirectory.read(Program.root + "/Packaging/packages.sh"))
        let script = """
            root=/checkout logs=. newline=' '
            say() { printf 'lab: %s\n' "$*" >&2; }
            die() { say "$@"; exit 70; }
            . ./packages.sh
            read_prefix install --prefix "$PWD/new/prefix"
            need_writable "$place" install
            """
        let ended = try await Execution.run(
            ["-c", script], program: "sh", in: directory,
            launcher: ["setpriv", "--reuid=65534", "--clear-groups"])
        #expect(ended.code == 70, "\(ended.all)")
        #expect(ended.errors.contains("\(directory.path) cannot be written"), "\(ended.all)")
        let line = "sudo /checkout/lab install --prefix '\(directory.path)/new/prefix'"
        #expect(ended.errors.contains(line), "\(ended.all)")
    }

    @Test(
        "what cannot be taken away stays in the list",
        .enabled(if: Program.isRoot, "only root can become a user who may not write"))
    func listStays() async throws {
        let directory = try Self.staged()
        try directory.write(
            "packages.sh", TemporaryDirectory.read(Program.root + "/Packaging/packages.sh"))
        let installed = try await Self.shell("put_in_place staged prefix", in: directory)
        #expect(installed.code == 0, "\(installed.all)")
        let before = Self.tree(directory.file("prefix"))
        let script = """
            root=/checkout logs=.
            say() { printf 'lab: %s\n' "$*" >&2; }
            . ./packages.sh
            take_away prefix
            """
        let ended = try await Execution.run(
            ["-c", script], program: "sh", in: directory,
            launcher: ["setpriv", "--reuid=65534", "--clear-groups"])
        #expect(ended.code == 1 && ended.errors.contains("still has it"), "\(ended.all)")
        #expect(Self.tree(directory.file("prefix")) == before)
    }

    @Test("DESTDIR is in front of the prefix, and a relative prefix is one below this folder")
    func destination() async throws {
        let directory = try TemporaryDirectory()
        let script = """
            read_prefix install --prefix /opt/udplab; echo "$place"
            unset DESTDIR; read_prefix install --prefix=here; echo "${place#"$PWD"}"
            read_prefix install; echo "$place"
            (read_prefix install --prefix) || echo "$?"
            """
        let ended = try await Self.shell(script, in: directory, environment: ["DESTDIR": "/stage"])
        #expect(ended.output == "/stage/opt/udplab\n/here\n/usr/local\n70\n", "\(ended.all)")
    }

    // MARK: - Packages

    /// Runs the program of a package. Root does that in a folder that is all there is: the files of
    /// the package, and the libraries on which it depends.
    private func quickstart(_ program: String, in place: TemporaryDirectory) async throws {
        let alone = """
            for library in $(ldd "./$0" | grep -o '/[^ ]*'); do
                mkdir -p ".${library%/*}" && cp -L "$library" ".$library" || exit
            done
            mkdir proc dev && : >dev/null && mount --bind /dev/null dev/null &&
                mount -t proc proc proc && exec chroot . "/$0" "$@"
            """
        let words = ["run", ":quickstart", "--duration-scale", "0.2", "--report", "/report.json"]
        let ended =
            Program.isRoot
            ? try await Execution.run(
                ["-m", "sh", "-c", alone, program] + words, program: "unshare", in: place)
            : try await Execution.run(
                words.dropLast() + ["report.json"], program: place.file(program), in: place)
        // A busy host is inconclusive.
        #expect(ended.code == 0 || ended.code == 75, "\(ended.all)")
        #expect(place.exists("report.json"), "\(ended.all)")
    }

    @Test(
        "the program of the Debian package runs at once, and its files are where Debian has them",
        .enabled(if: Packages.folder != nil, Packages.absence),
        .enabled(if: Program.tool("dpkg-deb") != nil, "dpkg-deb is not installed"))
    func debianPackage() async throws {
        let place = try await Packages.unpackedDebianPackage()
        for file in [
            "usr/share/bash-completion/completions/udplab",
            "usr/share/zsh/vendor-completions/_udplab",
            "usr/share/fish/vendor_completions.d/udplab.fish", "usr/share/man/man1/udplab.1.gz",
            "usr/share/man/man1/udplab-run.1.gz", "usr/share/doc/udplab/copyright",
            "usr/share/doc/udplab/changelog.Debian.gz", "usr/share/udplab/Scenarios/blackout.json",
        ] {
            #expect(place.exists(file), "\(file)")
        }
        try await quickstart("usr/bin/udplab", in: place)
    }

    @Test(
        "the Debian package depends on the libraries of the program, and lintian finds no error",
        .enabled(if: Packages.folder != nil, Packages.absence),
        .enabled(if: Program.tool("lintian") != nil, "lintian is not installed"))
    func debianRules() async throws {
        let directory = try TemporaryDirectory()
        let path = try Packages.path(ending: ".deb")
        let fields = try await Execution.run(
            ["-f", path, "Depends"], program: "dpkg-deb", in: directory)
        let names = fields.output.split(separator: ",").map { field in
            String(field.split { " \n".contains($0) }.first ?? "")
        }
        #expect(names.sorted() == ["libc6", "libgcc-s1", "libjson-c5", "libstdc++6"])
        #expect(fields.output.split(separator: ">=").count == 5, "\(fields.all)")
        let ended = try await Execution.run(
            ["--allow-root", "--fail-on", "error", path], program: "lintian", in: directory)
        #expect(ended.code == 0, "\(ended.all)")
    }

    @Test(
        "the archive has its files in one folder, with one time and no owner, and runs at once",
        .enabled(if: Packages.folder != nil, Packages.absence))
    func archive() async throws {
        let place = try await Packages.unpackedArchive()
        #expect(place.names == ["bin", "share"])
        #expect(place.exists("share/doc/udplab/LICENSE"))
        #expect(place.exists("share/zsh/site-functions/_udplab"))
        let listed = try await Execution.run(
            ["-tvJf", Packages.path(ending: ".tar.xz"), "--full-time"], program: "tar", in: place)
        let rows = listed.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows.count > 40)
        #expect(Set(rows.map { $0[1] }) == ["0/0"], "\(listed.all)")
        #expect(Set(rows.map { "\($0[3]) \($0[4])" }).count == 1, "\(listed.all)")
        try await quickstart("bin/udplab", in: place)
    }

    @Test("the Containerfile copies what is there, and its program runs as a user without rights")
    func containerfile() throws {
        let text = String(
            decoding: try TemporaryDirectory.read(Program.root + "/Packaging/Containerfile"),
            as: UTF8.self)
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let instructions = lines.compactMap(\.first)
        #expect(instructions.first { $0 != "#" } == "FROM")
        #expect(instructions.last == "CMD")
        let user = try #require(lines.first { $0.first == "USER" })
        #expect(user == ["USER", "udplab"])
        #expect(text.contains("useradd --create-home --uid 1000 udplab\n"))
        #expect(text.contains("\nENTRYPOINT [\"/usr/bin/udplab\"]\n"))
        let copied = lines.filter { $0.first == "COPY" }
        #expect(copied == [["COPY", "udplab_*.deb", "/tmp/udplab.deb"]])
        guard Packages.folder != nil, Program.tool("dpkg-deb") != nil else { return }
        let deb = try Packages.path(ending: ".deb")
        #expect(deb.split(separator: "/").last?.hasPrefix("udplab_") == true)
    }
}
