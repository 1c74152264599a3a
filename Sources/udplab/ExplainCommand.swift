import ArgumentParser
import JSON
import Plans
import Reports

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a figure, an account, or a key of plans and reports.",
        discussion: """
            Examples:
              udplab explain rtt.p99
              udplab explain responder_overflow
              udplab explain jitter
              udplab explain

            Says what the word means, its unit, where it is defined, when it is null, and how it \
            is written. Words of other tools are known (latency, bandwidth, packet_loss, avg). Without \
            a word all names are listed. Exit code 64: there is no such word.
            """)

    @Argument(
        help: "A name, or the end of one: rtt.p99, skipped, payload.", completion: .explained)
    var word: String?

    func run() throws {
        let width = Console.outputWidth
        guard let word else {
            Console.result(ExplanationText.index(width: width))
            throw ExitCode(Console.passed.rawValue)
        }
        switch Explanations.of(word) {
        case .found(let named, let others):
            Console.result(ExplanationText.text(named, others, width: width))
        case .absent(let sentence):
            Console.result(ExplanationText.wrapped(sentence, width: width))
        case .unknown(let nearest):
            let hint = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
            Console.say(
                "udplab: there is no \"\(word.shown)\" in plans or reports\(hint) (udplab explain "
                    + "lists all)")
            throw ExitCode(ExitStatus.usage.rawValue)
        }
        throw ExitCode(Console.passed.rawValue)
    }
}
