import Lab

/// What the benchmark says while it runs, and whether it is to stop.
struct Progress {
    let interruption: Interruption

    /// Looked at between two legs; a leg takes seconds.
    var isStopped: Bool { interruption.isRequested }

    func say(_ text: String) { OutputFile.say(text) }
}
