/// The reason why a text is not a JSON document, or why a value cannot be encoded as JSON.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The stable kind of an error; the message may be reworded, the code stays.
    package enum Code: String, Sendable {
        /// Nothing but white space.
        case empty
        /// The text ends before the document does.
        case truncated
        /// Bytes that are not UTF-8, or an escape that is not a Unicode scalar.
        case encoding
        /// A breach of the grammar of RFC 8259.
        case syntax
        /// A well-formed number that cannot be represented.
        case range
        /// An object that names a key twice.
        case duplicateKey
        /// One of `JSONLimits` is exceeded.
        case limit
        /// json-c ran out of memory.
        case memory
        /// json-c and the strict scan read the same text differently.
        case disagreement
        /// A value of another type than the one asked for, or a missing one.
        case mismatch
        /// A value that JSON cannot express, such as NaN.
        case unwritable
    }

    package let code: Code
    /// The position in the text; nil for an error of encoding or decoding values.
    package let position: JSONPosition?
    /// The path of the value, as far as it is known: `$.scenarios[0].rate`.
    package let path: String
    package let message: String

    package init(_ code: Code, _ message: String, path: String = "$", at position: JSONPosition?) {
        self.code = code
        self.position = position
        self.path = path
        self.message = message
    }

    /// The error as `LINE:COLUMN: $.path: message`, without line and column if there is no
    /// position.
    package var description: String {
        guard let position else { return "\(path): \(message)" }
        return "\(position): \(path): \(message)"
    }

    /// Returns the error as a problem of `file`, in the form of all messages about files.
    package func problem(file: String) -> JSONProblem {
        JSONProblem(
            file: file, line: position?.line ?? 1, column: position?.column ?? 1, path: path,
            message: message)
    }
}
