/// Suggestions for misspelt words, and for words of other tools: "did you mean …?".
package enum NearestMatch {
    /// Returns the candidate that `word` most probably stands for: at distance one, or two if both
    /// have six letters or more. Words of one or two letters must have the same letters. A word
    /// further away is not taken for a misspelling: "host" does not mean "loss". Where no candidate
    /// is near, one that `Synonyms` knows the word for.
    package static func of(_ word: String, among candidates: some Sequence<String>) -> String? {
        nearest(word, among: candidates) ?? Synonyms.match(word, among: Set(candidates))
    }

    /// Returns the candidate whose misspelling `word` probably is.
    static func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
        // A longer word is not a misspelt key, and the cost grows with the product of the lengths.
        guard word.utf8.count <= 64 else { return nil }
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let distance = distance(word.lowercased(), candidate.lowercased())
            guard distance <= slipsMax(word.lowercased(), candidate.lowercased()),
                distance < best?.distance ?? .max
            else { continue }
            best = (distance, candidate)
        }
        return best?.candidate
    }

    private static func slipsMax(_ word: String, _ candidate: String) -> Int {
        let shorter = min(word.count, candidate.count)
        if shorter > 2 { return shorter >= 6 ? 2 : 1 }
        return word.sorted() == candidate.sorted() ? 1 : 0
    }

    /// Returns `; did you mean "duration"?`, or an empty string.
    package static func hint(for word: String, among candidates: some Sequence<String>) -> String {
        of(word, among: candidates).map { "; did you mean \($0.quotedForMessage)?" } ?? ""
    }

    /// Returns the Damerau-Levenshtein distance, restricted to transpositions of neighbours: the
    /// number of insertions, deletions, replacements and swaps that turn one word into the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.unicodeScalars)
        let right = Array(right.unicodeScalars)
        var before: [Int] = []
        var above = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                let replaced = above[j] + (left[i] == right[j] ? 0 : 1)
                var least = min(replaced, above[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    least = min(least, before[j - 1] + 1)
                }
                row.append(least)
            }
            before = above
            above = row
        }
        return above[right.count]
    }
}
