import Logging
import Reports

/// Diagnostics on standard error, a line each, which are dropped instead of waiting for a reader:
/// the handler of swift-log would block.
struct ConsoleLogHandler: LogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.notice

    init(label: String) { self.label = label }

    /// Returns the logger of a verb.
    static func logger(isVerbose: Bool) -> Logger {
        var logger = Logger(label: "udplab") { ConsoleLogHandler(label: $0) }
        logger.logLevel = isVerbose ? .debug : .notice
        return logger
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }
            .sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        let text = "\(label) \(event.level):\(facts.joined()) \(event.message)"
        Console.say("\(UTCTime.now()) \(TerminalText.harmless(text))")
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
