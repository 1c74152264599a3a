/// The language of a server, recognised by the words of its command.
enum ProgramLanguage: Sendable, CaseIterable {
    case python, node, java, go, rust, c

    /// Recognises the language.
    /// - Returns: `nil` if the words do not show it, as for most programs.
    init?(command: [String]?) {
        guard let command else { return nil }
        // The words of a shell script count too: `sh -c 'exec python3 server.py'`.
        let words = command.flatMap { $0.split(whereSeparator: Self.isSeparator) }
        for word in words {
            guard let name = word.split(separator: "/").last?.lowercased() else { continue }
            if let language = Self.language(ofProgram: name) ?? Self.language(ofFile: name) {
                self = language
                return
            }
        }
        return nil
    }

    private static func isSeparator(_ character: Character) -> Bool {
        character.isWhitespace || ";&|()'\"".contains(character)
    }

    /// Returns the language of an interpreter: `python3.12` is python, and `pythonic` is not.
    private static func language(ofProgram name: String) -> ProgramLanguage? {
        let stem = name.hasSuffix(".exe") ? String(name.dropLast(4)) : name
        let letters = String(stem.prefix { !$0.isNumber && $0 != "." })
        let rest = stem.dropFirst(letters.count)
        guard rest.allSatisfy({ $0.isNumber || $0 == "." }) else { return nil }
        return switch letters {
        case "python", "pypy", "uvicorn", "ipython": .python
        case "node", "nodejs", "deno", "bun", "npm", "npx": .node
        case "java": .java
        case "go": .go
        case "cargo", "rustc": .rust
        case "tcc", "gcc", "clang": .c
        default: nil
        }
    }

    private static func language(ofFile name: String) -> ProgramLanguage? {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        return switch name[name.index(after: dot)...] {
        case "py", "pyz": .python
        case "js", "mjs", "cjs", "ts", "mts": .node
        case "jar", "java": .java
        case "go": .go
        case "rs": .rust
        case "c": .c
        default: nil
        }
    }
}
