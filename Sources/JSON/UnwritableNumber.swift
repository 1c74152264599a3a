/// A number that JSON cannot hold: its path and its text, such as `nan`.
package struct UnwritableNumber: Sendable, Equatable {
    package let path: String
    package let text: String
}

/// Collects the unwritable numbers of one encoding.
final class UnwritableNumbers {
    private(set) var found: [UnwritableNumber] = []

    func add(_ text: String, at path: String) {
        found.append(UnwritableNumber(path: path, text: text))
    }
}
