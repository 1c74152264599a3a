/// Rules of CONTRIBUTING's style that a program can check. Each takes files and gives a sentence
/// per breach, so that the rules themselves are tested with files that break them.
enum TidyRules {
    static let fileLinesMax = 500
    static let functionLinesMax = 85
    static let columnsMax = 100

    // MARK: - Lengths

    static func lengths(_ file: SourceFile) -> [String] {
        var faults: [String] = []
        if file.lines.count > fileLinesMax {
            faults.append("\(file.path) has \(file.lines.count) lines, above \(fileLinesMax)")
        }
        // Of code the formatter sees to it, as far as a text can be broken.
        for (index, line) in file.lines.enumerated()
        where line.count > columnsMax && line.drop(while: { $0 == " " }).hasPrefix("//") {
            faults.append(
                "\(file.path):\(index + 1) has \(line.count) columns, above \(columnsMax)")
        }
        for (start, count) in functions(file) where count > functionLinesMax {
            faults.append(
                "\(file.path):\(start + 1) is a function of \(count) lines, above "
                    + "\(functionLinesMax)")
        }
        return faults
    }

    /// Where functions and initialisers begin, and how many lines they have. The formatter puts the
    /// closing brace below the first letter of the declaration.
    private static func functions(_ file: SourceFile) -> [(start: Int, lines: Int)] {
        let code = file.code
        return code.indices.compactMap { start in
            let words = code[start].split(separator: " ")
            guard words.contains("func") || words.contains(where: { $0.hasPrefix("init(") }),
                words.first != "case"
            else { return nil }
            let indent = code[start].prefix { $0 == " " }
            let end = code[start...].dropFirst().firstIndex { line in
                line == indent + "}" || (!line.isEmpty && !line.hasPrefix(indent))
            }
            guard let end, code[end] == indent + "}" else { return nil }
            return (start, end - start + 1)
        }
    }

    // MARK: - Imports

    /// What the files of a target may import beside the standard library: the arrows of
    /// CONTRIBUTING's house.
    static let allowedImports: [String: Set<String>] = [
        "Metrics": ["Glibc", "Histogram"],
        "Impairment": [],
        "JSON": ["CJSONC"],
        "Datagrams": ["CLinuxUDP", "Glibc", "Synchronization", "SystemPackage"],
        "Load": ["STAMP"],
        "Shipped": [],
        "STAMP": [],
        "Plans": ["Glibc", "Impairment", "JSON", "Load", "Reports", "STAMP", "Shipped"],
        "Reports": ["Glibc", "Impairment", "JSON", "Metrics", "STAMP", "SystemPackage"],
        "Pictures": ["Glibc", "JSON", "Metrics", "Plans", "Reports"],
        "Watch": ["Datagrams", "Glibc", "Pictures", "Reports", "Synchronization"],
        "Exports": ["JSON", "Metrics", "Pictures", "Reports"],
        "Loops": [
            "Datagrams", "Glibc", "Impairment", "Load", "Metrics", "STAMP", "Synchronization",
        ],
        "Workers": [
            "Datagrams", "Glibc", "JSON", "Load", "Loops", "Metrics", "Synchronization", "Terminal",
        ],
        "Terminal": ["Datagrams", "Glibc", "Load", "Loops", "STAMP", "Synchronization"],
        "Lab": [
            "Datagrams", "Glibc", "Impairment", "JSON", "Load", "Logging", "Loops", "Metrics",
            "Plans", "Reports", "Subprocess", "Synchronization", "SystemPackage",
            "Workers",
        ],
        "udplab": [
            "ArgumentParser", "Datagrams", "Exports", "Glibc", "Impairment", "JSON", "Lab", "Load",
            "Logging", "Loops", "Metrics", "Pictures", "Plans", "Reports", "STAMP", "Shipped",
            "Synchronization", "SystemPackage", "Terminal", "Watch", "Workers",
        ],
        "udplab-bench": [
            "ArgumentParser", "Datagrams", "Glibc", "JSON", "Lab", "Loops", "Metrics", "Reports",
            "SystemPackage", "Workers",
        ],
    ]

    static func imports(_ file: SourceFile) -> [String] {
        guard let allowed = allowedImports[file.target] else {
            return [
                "\(file.path): the target \(file.target) has no line in TidyRules.allowedImports"
            ]
        }
        return file.imports.filter { !allowed.contains($0) }.map {
            "\(file.path) imports \($0), which \(file.target) must not"
        }
    }

    // MARK: - Words

    /// What a program that has to go on must not say, and what is left for later.
    static let forbiddenCode = ["try!", "as!", "fatalError(", "print("]
    static let forbiddenRemarks = ["TODO", "FIXME", "XXX", "HACK"]

    static func words(_ file: SourceFile) -> [String] {
        let code = zip(1..., file.code).flatMap { number, line in
            forbiddenCode.filter { line.contains($0) && !isInString($0, line) }.map {
                "\(file.path):\(number) has \($0)"
            }
        }
        let remarks = zip(1..., file.lines).flatMap { number, line in
            forbiddenRemarks.filter(line.contains).map { "\(file.path):\(number) has \($0)" }
        }
        return code + remarks
    }

    private static func isInString(_ word: String, _ line: Substring) -> Bool {
        guard let range = line.firstRange(of: word) else { return false }
        let before = line[..<range.lowerBound]
        if let last = before.last, last.isLetter || last == "_" { return true }
        return !before.count(where: { $0 == "\"" }).isMultiple(of: 2)
    }

    // MARK: - Comments

    /// Openers of a doc comment that are no noun phrase or verb phrase about the declaration.
    static let forbiddenOpeners = ["What", "One that", "Who", "Whom", "Whose", "Where", "How"]
    /// Retired terms, each with the one that stands for it.
    static let retiredTerms = ["octets": "bytes"]

    /// The language of comments: the first sentence of a doc comment has its subject in the code,
    /// and there is one term per idea. Identifiers keep their names.
    static func comments(_ file: SourceFile) -> [String] {
        var faults: [String] = []
        var isInDocComment = false
        for (number, line) in zip(1..., file.lines) {
            guard let comment = comment(in: line) else {
                isInDocComment = false
                continue
            }
            let isDocComment = line.drop(while: { $0 == " " }).hasPrefix("///")
            if isDocComment, !isInDocComment,
                let opener = forbiddenOpeners.first(where: { comment.hasPrefix($0 + " ") })
            {
                faults.append("\(file.path):\(number) opens with \"\(opener)\"")
            }
            isInDocComment = isDocComment
            for (term, instead) in retiredTerms where has(term, comment) {
                faults.append("\(file.path):\(number) says \(term), and not \(instead)")
            }
        }
        return faults
    }

    /// The text of a line's comment, without the slashes.
    private static func comment(in line: Substring) -> Substring? {
        guard let start = line.firstRange(of: "//"), line[..<start.lowerBound].last != ":" else {
            return nil
        }
        return line[start.lowerBound...].drop { $0 == "/" }.drop { $0 == " " }
    }

    /// Whether a comment has a word outside of code. A parameter's name, before a colon, is code.
    private static func has(_ term: String, _ comment: Substring) -> Bool {
        let prose = comment.split(separator: "`", omittingEmptySubsequences: false)
            .enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
        return prose.contains { part in
            part.split(separator: " ").contains { word in
                word.lowercased().filter(\.isLetter) == term && !word.hasSuffix(":")
            }
        }
    }

    // MARK: - Dead declarations

    private static let declaring: Set<Substring> = [
        "func", "var", "let", "case", "struct", "enum", "class", "protocol", "typealias",
    ]

    /// Declarations whose name stands nowhere else in the files.
    static func dead(_ files: [SourceFile], except known: Set<String>) -> [String] {
        var uses: [Substring: Int] = [:]
        var declarations: [(name: Substring, place: String)] = []
        for file in files {
            for (number, line) in zip(1..., file.code) {
                for name in names(in: line) { uses[name, default: 0] += 1 }
                guard let name = declared(by: line) else { continue }
                declarations.append((name, "\(file.path):\(number)"))
            }
        }
        return declarations.filter { uses[$0.name] == 1 && !known.contains(String($0.name)) }.map {
            "\($0.place): nothing uses \($0.name)"
        }
    }

    private static func names(in line: Substring) -> [Substring] {
        line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    }

    /// The name that a line declares. The pattern of a `switch` or of an `if` declares no member,
    /// although it has the same words.
    private static func declared(by line: Substring) -> Substring? {
        let names = names(in: line)
        guard let key = names.firstIndex(where: declaring.contains), key + 1 < names.count,
            !["if", "guard", "while", "for", "else"].contains(names[0])
        else { return nil }
        let name = names[key + 1]
        if names[key] == "case" {
            let rest = line.drop(while: { $0 == " " }).dropFirst("case ".count)
            let after = rest.dropFirst(name.count).first
            let isPattern = rest.prefix(while: { $0 != "(" && $0 != "=" }).contains(":")
            guard rest.hasPrefix(name), !isPattern, [nil, ",", "(", " "].contains(after),
                rest.dropFirst(name.count).prefix(3) != " wh"
            else { return nil }
        }
        return name.first?.isNumber == true ? nil : name
    }
}
