/// The reaction of a loop to a step that fails because of a reset (ECONNREFUSED; 10054 on Windows).
///
/// A step is an iteration of the loop: for a responder one receive and the answers to the datagrams
/// received, for a sender one datagram and its answer.
package enum RetryPolicy: Sendable, Equatable {
    /// The loop ends at the first reset.
    case none
    /// The step is retried once at once; a second reset in a row ends the loop. Many small servers
    /// do this with `try … except: repeat`.
    case once
    /// The step is retried at once, any number of times.
    case always
    /// The step is retried after a pause that grows while resets come in a row.
    case backoff(Backoff)

    package struct Backoff: Codable, Sendable, Equatable {
        /// The pause after the first reset of a row.
        package var firstNs: Int64
        /// The factor by which each further pause in a row is longer; at least 1.
        package var factor: Double
        /// The maximum pause.
        package var limitNs: Int64
        /// The maximum number of resets in a row: the one after that ends the loop. Nil is no
        /// limit.
        package var budget: Int?

        package init(
            firstNs: Int64 = 10_000_000, factor: Double = 2, limitNs: Int64 = 1_000_000_000,
            budget: Int? = nil
        ) {
            precondition(firstNs > 0 && limitNs >= firstNs && factor >= 1, "a pause that grows")
            self.firstNs = firstNs
            self.factor = factor
            self.limitNs = limitNs
            self.budget = budget
        }

        /// Returns the pause after one of `pauseNs`.
        package func next(after pauseNs: Int64) -> Int64 {
            let longer = Double(pauseNs) * factor
            return longer < Double(limitNs) ? Int64(longer) : limitNs
        }
    }

    /// The name in a plan and on the command line.
    package var name: String {
        switch self {
        case .none: "none"
        case .once: "once"
        case .always: "always"
        case .backoff: "backoff"
        }
    }
}

extension RetryPolicy: Codable {
    private enum Key: String, CodingKey { case policy, backoff }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(String.self, forKey: .policy) {
        case "none": self = .none
        case "once": self = .once
        case "always": self = .always
        case "backoff": self = .backoff(try container.decode(Backoff.self, forKey: .backoff))
        case let name:
            throw DecodingError.dataCorruptedError(
                forKey: .policy, in: container, debugDescription: "no policy \"\(name)\"")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .policy)
        if case .backoff(let backoff) = self { try container.encode(backoff, forKey: .backoff) }
    }
}
