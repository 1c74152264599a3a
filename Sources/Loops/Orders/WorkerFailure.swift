/// The reason why a worker cannot continue, and the party at fault.
package struct WorkerFailure: Codable, Sendable, Error {
    package enum Kind: String, Codable, Sendable {
        /// This host does not provide a resource that the run needs, from the start or later.
        case setUp
        /// A fault of udplab itself.
        case own
        /// The user's program was not found, did not answer or exited: it has failed.
        case command
    }

    package var kind: Kind
    package var reason: String
    /// The last lines of the user's program's output.
    package var output: [String] = []

    package init(_ kind: Kind, _ reason: String, output: [String] = []) {
        self.kind = kind
        self.reason = reason
        self.output = output
    }
}

/// A line that is not a message of this protocol version.
package struct ProtocolViolation: Error, Sendable, CustomStringConvertible {
    package let reason: String
    package init(reason: String) { self.reason = reason }
    package var description: String { reason }
}
