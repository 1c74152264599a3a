import Impairment
import Load

/// The responder of a scenario on this host.
package struct ResponderDefinition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// udplab's own.
        case own(OwnResponder)
        /// A program of the user's own that is expected to echo.
        case command(Command)
    }

    /// A program that udplab starts and stops.
    package struct Command: Sendable, Equatable {
        /// The program and its arguments, with the placeholders `{host}` and `{port}`.
        package let words: [String]
        /// The time limit for the first answer.
        package let readyTimeoutNs: Int
        /// The number of the last lines of output that a failure shows.
        package let outputLines: Int

        package init(words: [String], readyTimeoutNs: Int, outputLines: Int) {
            self.words = words
            self.readyTimeoutNs = readyTimeoutNs
            self.outputLines = outputLines
        }

        /// Returns the words to start, with the placeholders replaced. No shell interprets them.
        package func words(host: String, port: UInt16) -> [String] {
            words.map {
                $0.replacing(Self.portMark, with: "\(port)").replacing(Self.hostMark, with: host)
            }
        }
    }

    package let name: String
    package let kind: Kind
    /// The address, always a literal loopback address. Port 0 stands for a free port that udplab
    /// picks.
    package let address: TargetAddress
    /// The processes that answer, each at a port of its own: each takes its share of every sender's
    /// flows, one block of them after the other.
    private let instancesAsked: Int
    /// The host on which it runs, at the address that the network says; nil for this host.
    package var host: String?
    /// The time for which an echo of udplab's own holds each answer; nil if it leaves at once.
    package var replyDelay: DelayModel?
    /// The other end of a load in both directions, with an instance of its own.
    package var secondEnd: SecondEnd?

    package struct SecondEnd: Sendable, Equatable {
        /// Nil for this host.
        package let host: String?
    }

    package init(
        name: String, kind: Kind, address: TargetAddress, instances: Int = 1, host: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.address = address
        instancesAsked = instances
        self.host = host
    }

    package var instances: Int { secondEnd == nil ? instancesAsked : 2 }

    /// Returns the host of an instance; nil for this host.
    package func host(ofInstance instance: Int) -> String? {
        guard instance == 1, let secondEnd else { return host }
        return secondEnd.host
    }

    /// The parameters of udplab's own responder; nil for a command.
    package var own: OwnResponder? { if case .own(let own) = kind { own } else { nil } }

    /// The threads of udplab's own responder; 1 for a command.
    package var threads: Int { own?.threads ?? 1 }

    package var isChat: Bool { own?.behaviour == .chat }

    package var isSink: Bool { own?.behaviour == .sink }
}

extension ResponderDefinition.Command {
    /// Whether a word of a command contains the placeholder of the port.
    static func mentionsPort(_ word: String) -> Bool {
        word.firstRange(of: portMark) != nil
    }

    private static let hostMark = "{host}"
    private static let portMark = "{port}"
}
