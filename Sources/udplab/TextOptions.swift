import ArgumentParser
import Reports

/// The encoding of datagrams' text.
struct EncodingOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The encoding of the text, such as GBK; UTF-8 without it.",
            discussion: "`iconv -l` lists the names.", valueName: "name"))
    var encoding: String?

    func validate() throws { _ = try open() }

    /// Returns the encoding; nil for UTF-8, which is shown and sent as it is.
    func open() throws(ValidationError) -> TextEncoding? {
        guard let encoding else { return nil }
        guard let opened = TextEncoding(encoding) else {
            throw ValidationError(
                "--encoding: this host has no encoding \"\(TerminalText.harmless(encoding))\"; "
                    + "`iconv -l` lists those that it has, such as GBK, SHIFT_JIS, WINDOWS-1252")
        }
        return opened
    }
}

/// The clock of the times that are shown.
struct ClockOption: ParsableArguments {
    @Flag(help: "Show times in UTC instead of local time.")
    var utc = false

    /// The current time of day: `17:43:14.123`, in UTC with a `Z`.
    var now: String { utc ? UTCTime.now().clock : UTCTime.now().localClock }
}
