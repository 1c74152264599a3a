import Glibc
import Harness

@testable import Loops
@testable import Workers

/// Something that goes wrong with a worker at a step of its life.
struct Mishap: Sendable, CustomStringConvertible {
    /// A step of a worker's life, in its order.
    enum Step: String, Sendable, CaseIterable {
        case spawn, hello, ready, start, sending, result, afterResult, settled, tail, port
    }

    enum What: Sendable {
        case refused, hangs
        case ends(signal: Int32)
        case exits(code: Int32)
        case silent, stopped
        case late(seconds: Int)
        case says([UInt8], name: String)
        case halfLine
        case failed(WorkerFailure.Kind)
        case closesOutput, deaf
    }

    let step: Step
    let what: What
    /// Whether the worker ignores the end of its input and SIGTERM as well.
    let isStubborn: Bool

    var description: String {
        let what =
            switch what {
            case .says(_, let name): "says \(name)"
            case let other: "\(other)"
            }
        return "\(step.rawValue) \(what)\(isStubborn ? ", stubborn" : "")"
    }

    static func random(_ random: inout Harness.SeededGenerator) -> Mishap {
        let steps = Step.allCases
        let step = steps[Int.random(in: 0..<steps.count, using: &random)]
        let whats = step == .spawn ? [What.refused, .hangs] : what(&random)
        return Mishap(
            step: step, what: whats[Int.random(in: 0..<whats.count, using: &random)],
            isStubborn: random.chance(0.3))
    }

    private static func what(_ random: inout Harness.SeededGenerator) -> [What] {
        let signals = [SIGKILL, SIGTERM, SIGSEGV, SIGABRT, SIGXCPU]
        let seconds = [1, 12, 29, 31, 100, 3_000]
        return [
            .ends(signal: signals[Int.random(in: 0..<signals.count, using: &random)]),
            .exits(code: [0, 1, 70][Int.random(in: 0..<3, using: &random)]),
            .silent, .stopped, .closesOutput, .deaf, .halfLine,
            .late(seconds: seconds[Int.random(in: 0..<seconds.count, using: &random)]),
            garbage(&random), garbage(&random),
            .failed([.setUp, .own, .command][Int.random(in: 0..<3, using: &random)]),
        ]
    }

    private static func garbage(_ random: inout Harness.SeededGenerator) -> What {
        let (name, bytes) = garbage[Int.random(in: 0..<garbage.count, using: &random)]
        return .says(bytes, name: name)
    }

    private static let garbage: [(name: String, bytes: [UInt8])] = {
        let lines: [(String, String)] = [
            ("no JSON", "Segmentation fault"), ("no object", "[1,2,3]"),
            ("no message", #"{"result":1}"#), ("a number", #"{"message":7}"#),
            ("an unknown message", #"{"message":"done"}"#), ("an empty line", ""),
            ("an empty result", #"{"message":"result"}"#),
            ("half a hello", #"{"message":"hello"}"#),
            ("another version", #"{"message":"hello","protocol":1,"pid":1}"#),
            ("a reply of another step", #"{"message":"settled","isEmpty":true}"#),
            ("a ready of nobody", #"{"message":"ready"}"#),
            ("a cut message", #"{"message":"result","sender":{"#),
            ("a nul byte", "\u{0}"),
            ("a long line", String(repeating: "x", count: WorkerProtocol.lineBytesLimit + 2)),
            (
                "many messages",
                (0..<200).map { _ in #"{"message":"tail"}"# }.joined(separator: "\n")
            ),
        ]
        return lines.map { ($0, Array(($1 + "\n").utf8)) }
    }()
}
