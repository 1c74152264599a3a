import Glibc
import Harness

/// File of the checkout, as its lines.
struct SourceFile: Sendable {
    /// From the checkout's root: `Sources/Metrics/Ledger.swift`.
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The target that the file belongs to: the folder below `Sources` or `Tests`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    /// The lines without those that are a comment, and without comments at their ends.
    var code: [Substring] {
        lines.map { line in
            guard let start = line.firstRange(of: "//") else { return line }
            // Of an address such as http://host the code goes on.
            let isAddress = line[..<start.lowerBound].last == ":"
            return isAddress ? line : line[..<start.lowerBound]
        }
    }

    /// The modules that it imports.
    var imports: [String] {
        code.compactMap { line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place < 3, words.count > place + 1,
                words[..<place].allSatisfy({
                    $0.hasPrefix("@") || $0 == "package" || $0 == "public"
                })
            else { return nil }
            return String(words[place + 1].prefix { $0 != "." })
        }
    }
}

extension SourceFile {
    private static let root = String(#filePath.dropLast("/Tests/Tidy/SourceFile.swift".count))

    /// All Swift files below a folder of the checkout, in order of their paths.
    static func all(in folder: String, ending suffix: String = ".swift") -> [SourceFile] {
        var found: [SourceFile] = []
        for name in TemporaryDirectory.names(in: "\(root)/\(folder)") where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            if name.hasSuffix(suffix) {
                found.append(SourceFile(path: path, text: text(path) ?? ""))
            } else if !name.contains(".") {
                found += all(in: path, ending: suffix)
            }
        }
        return found
    }

    static func exists(_ path: String) -> Bool {
        access("\(root)/\(path)", F_OK) == 0
    }

    static func text(_ path: String) -> String? {
        (try? TemporaryDirectory.read("\(root)/\(path)")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    static func scenarios() -> [String] {
        TemporaryDirectory.names(in: "\(root)/Scenarios").filter {
            $0.hasSuffix(".json") && !$0.hasSuffix(".schema.json")
        }
    }
}
