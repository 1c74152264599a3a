/// What answers on this host.
package struct ResponderDefinition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// RFC 862, verbatim.
        case echo(receiveBufferBytes: Int?)
        /// Counts and answers nothing.
        case sink(receiveBufferBytes: Int?)
        /// A room: each message goes to every member, the speaker among them.
        case chat(receiveBufferBytes: Int?)
        /// A program of the user's own, that is taken for an echo.
        case command(Command)
    }

    /// A program that udplab starts and stops.
    package struct Command: Sendable, Equatable {
        /// The program and its arguments, with `{host}` and `{port}` still in them.
        package let words: [String]
        /// How long it may take until it answers for the first time.
        package let readyTimeoutNs: Int
        /// How many of its last lines of output a failure shows.
        package let outputLines: Int

        package init(words: [String], readyTimeoutNs: Int, outputLines: Int) {
            self.words = words
            self.readyTimeoutNs = readyTimeoutNs
            self.outputLines = outputLines
        }

        /// The words to start, with the placeholders replaced. Nothing else in them has a
        /// meaning: no shell is involved.
        package func words(host: String, port: UInt16) -> [String] {
            words.map { word in
                let half = Self.replacing(Self.portMark, by: "\(port)", in: word)
                return Self.replacing(Self.hostMark, by: host, in: half)
            }
        }
    }

    package let name: String
    package let kind: Kind
    /// Always a literal loopback address. Port 0 stands for a free one that udplab picks.
    package let address: TargetAddress
    /// Threads of udplab's own responder, each with a socket of its own at the one address
    /// (SO_REUSEPORT, socket(7)); 1 for a command, whose threads are its own affair.
    package let threads: Int
    /// Processes that answer, each at a port of its own: each takes its share of every sender's
    /// flows, one block of them after the other.
    package let instances: Int
    /// Of udplab's own responder.
    package let onReset: ResetPolicy
    package let socket: SocketChoice

    package var isChat: Bool {
        if case .chat = kind { return true }
        return false
    }

    package var isSink: Bool {
        if case .sink = kind { return true }
        return false
    }
}

extension ResponderDefinition.Command {
    /// Whether a word of a command tells it its port.
    static func mentionsPort(_ word: String) -> Bool {
        word.indices.contains { word[$0...].hasPrefix(portMark) }
    }

    private static let hostMark = "{host}"
    private static let portMark = "{port}"

    /// `String.replacing` would bring the regular expression library into the one file that
    /// travels.
    private static func replacing(_ mark: String, by value: String, in word: String) -> String {
        var result = ""
        var rest = word[...]
        while let start = rest.indices.first(where: { rest[$0...].hasPrefix(mark) }) {
            result += rest[..<start] + value
            rest = rest[start...].dropFirst(mark.count)
        }
        return result + rest
    }
}
