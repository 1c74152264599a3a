/// The closed loop of a stream: a request waits for the answer to an earlier one.
package struct ClosedLoopReport: Codable, Sendable, Equatable {
    package enum Think: String, Codable, Sendable, CaseIterable {
        case none, constant, exponential
    }

    /// The unanswered requests that each flow had at most; nil if the flows shared `sharedWindow`.
    package var window: Int?
    /// The unanswered requests that all flows had at most together; nil if each had a window.
    package var sharedWindow: Int?
    package var think: Think
    /// The mean think time; nil without one.
    package var thinkMeanNs: Int?

    package init(
        window: Int? = nil, sharedWindow: Int? = nil, think: Think = .none, thinkMeanNs: Int? = nil
    ) {
        self.window = window
        self.sharedWindow = sharedWindow
        self.think = think
        self.thinkMeanNs = thinkMeanNs
    }

    /// Whether users think between their requests: a warning of the run says then what that hides.
    package var thinks: Bool { think != .none }

    /// The loop and what it hides, for a line about the stream.
    package var sentence: String {
        let size =
            window.map { "\(UnitText.count($0)) of each flow at a time" }
            ?? sharedWindow.map { "\(UnitText.count($0)) at a time" } ?? "as many as fit"
        let pause = thinkMeanNs.map { ", think time \(UnitText.time(ns: $0))" } ?? ""
        return
            "closed loop (\(size)\(pause)): a slow answer delays the next request, so slow times "
            + "are under-reported and less is offered the slower the service is"
    }
}
