import Lab

/// The progress of the benchmark, and the request to stop it.
struct Progress {
    let interruption: Interruption

    /// Whether to stop, checked between two legs; a leg takes seconds.
    var isStopped: Bool { interruption.isRequested }

    func say(_ text: String) { OutputFile.say(text) }
}
