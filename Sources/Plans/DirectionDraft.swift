import Impairment

/// The values of the keys of one direction of a network; nil if a key is absent.
struct DirectionDraft: Sendable, Equatable {
    var loss: LossModel?
    var delay: DelayModel?
    var jitter: JitterModel?
    var reorder: ReorderModel?
    var duplicate: DuplicateModel?
    var alterations: [AlterationShare] = []
    /// The bottleneck of `rate` and `queue` together.
    var bottleneck: Bottleneck?
    var blackholes: [TimeWindow]?
    var refusals: [TimeWindow]?

    /// Returns the draft with absent values taken from `other`.
    func filled(from other: DirectionDraft) -> DirectionDraft {
        DirectionDraft(
            loss: loss ?? other.loss, delay: delay ?? other.delay, jitter: jitter ?? other.jitter,
            reorder: reorder ?? other.reorder, duplicate: duplicate ?? other.duplicate,
            alterations: alterations
                + other.alterations.filter { share in
                    !alterations.contains { $0.key == share.key }
                },
            bottleneck: bottleneck ?? other.bottleneck,
            blackholes: blackholes ?? other.blackholes, refusals: refusals ?? other.refusals)
    }

    /// Returns the impairment. Only the forward direction has refusals, even if they are given for
    /// both directions.
    fileprivate func impairment(_ direction: Direction) -> Impairment {
        Impairment(
            loss: loss, delay: delay, jitter: jitter, reorder: reorder, duplicate: duplicate,
            alterations: alterations, bottleneck: bottleneck, blackholes: blackholes ?? [],
            refusals: direction == .forward ? refusals ?? [] : [])
    }
}

/// The values for both directions, and those for one of them, which override the former.
struct DirectionsDraft: Sendable, Equatable {
    var both = DirectionDraft()
    var forward = DirectionDraft()
    var backward = DirectionDraft()

    /// Returns the drafts with absent values taken from `other`. Values for both directions here
    /// override values for one direction in `other`.
    func filled(from other: DirectionsDraft) -> DirectionsDraft {
        DirectionsDraft(
            forward: forward.filled(from: both).filled(from: other.forward)
                .filled(from: other.both),
            backward: backward.filled(from: both).filled(from: other.backward)
                .filled(from: other.both))
    }

    var impairments: Impairments {
        Impairments(
            forward: forward.filled(from: both).impairment(.forward),
            backward: backward.filled(from: both).impairment(.backward))
    }
}

/// The impairments of a network in each direction.
package struct Impairments: Sendable, Equatable {
    package var forward: Impairment
    package var backward: Impairment

    package init(forward: Impairment, backward: Impairment) {
        self.forward = forward
        self.backward = backward
    }
}
