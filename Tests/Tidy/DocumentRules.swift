/// Document of the checkout: its text, its headings and its links.
struct Document: Sendable {
    /// From the checkout's root.
    let path: String
    let text: String

    /// The lines outside of fenced blocks.
    private var prose: [Substring] {
        var isFenced = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            guard line.hasPrefix("```") else { return !isFenced }
            isFenced.toggle()
            return false
        }
    }

    /// The anchors of the headings, as GitHub makes them: in lower case, with hyphens for spaces
    /// and without punctuation.
    var anchors: Set<String> {
        let headings = prose.filter { $0.hasPrefix("#") }
        return Set(
            headings.map { heading in
                let title = heading.drop { $0 == "#" }.dropFirst().lowercased()
                return String(
                    title.compactMap { character -> Character? in
                        if character == " " { return "-" }
                        let isKept =
                            character.isLetter || character.isNumber || "-_".contains(character)
                        return isKept ? character : nil
                    })
            })
    }

    /// The destinations of `[text](destination)`.
    var links: [String] {
        prose.flatMap { line in
            line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap {
                $0.split(separator: ")", maxSplits: 1, omittingEmptySubsequences: false).first
                    .map(String.init)
            }
        }
    }

    var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }
}

/// Rules of the documents that a program can check.
enum DocumentRules {
    static let readmeBytesMax = 6_144

    /// A sentence for every relative link whose file or heading does not exist.
    ///
    /// - Parameters:
    ///   - exists: Whether a path from the checkout's root is a file or a folder.
    ///   - read: The document at such a path.
    static func deadLinks(
        in document: Document, exists: (String) -> Bool, read: (String) -> Document?
    ) -> [String] {
        document.links.filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }
            .compactMap { link in
                let parts = link.split(
                    separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let file = String(parts.first ?? "")
                let path = file.isEmpty ? document.path : resolved(file, from: document.folder)
                guard let path, exists(path) else {
                    return "\(document.path) links to \(link), which does not exist"
                }
                guard parts.count > 1 else { return nil }
                let target = path == document.path ? document : read(path)
                guard target?.anchors.contains(String(parts[1])) == true else {
                    return "\(document.path) links to \(link), a heading that does not exist"
                }
                return nil
            }
    }

    /// The path from the checkout's root; nil outside of it.
    private static func resolved(_ link: String, from folder: String) -> String? {
        var parts = folder.split(separator: "/")
        for part in link.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }
}
