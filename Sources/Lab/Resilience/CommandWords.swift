/// Splits a command line into words without a shell: quotes and backslashes as in POSIX (Shell
/// Command Language, 2.2), and no other special characters.
enum CommandWords {
    static let charactersAtMost = 64 << 10

    private enum Quoting { case none, single, double }

    static func split(_ text: String) throws(ResilienceRequestError) -> [String] {
        guard text.utf8.count <= charactersAtMost, !text.utf8.contains(0) else {
            throw ResilienceRequestError(description: "--command: too long, or with a NUL")
        }
        var words: [String] = []
        var word: String?
        var quoting = Quoting.none
        var characters = text.makeIterator()
        while let character = characters.next() {
            switch (quoting, character) {
            case (.none, "'"): (quoting, word) = (.single, word ?? "")
            case (.none, "\""): (quoting, word) = (.double, word ?? "")
            case (.single, "'"), (.double, "\""): quoting = .none
            case (.none, "\\"), (.double, "\\"):
                guard let next = characters.next() else {
                    throw ResilienceRequestError(
                        description: "--command: a backslash at the end escapes nothing")
                }
                // Between double quotes a backslash is literal, except before these.
                let isKept = quoting == .double && !["\"", "\\", "$", "`"].contains(next)
                word = (word ?? "") + (isKept ? "\\" : "") + String(next)
            case (.none, _) where character.isWhitespace:
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        guard quoting == .none else {
            throw ResilienceRequestError(description: "--command: a quote is not closed")
        }
        if let word { words.append(word) }
        guard words.first?.isEmpty == false else {
            throw ResilienceRequestError(description: "--command: names no program")
        }
        return words
    }
}
