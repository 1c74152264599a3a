/// The relation of a place's monotonic clock to that of the runner's host.
package struct PlaceClock: Sendable, Equatable {
    /// The place's time minus the runner's, as estimated.
    package var offsetNs: Int64
    /// The largest error of the offset.
    package var errorNs: Int64

    /// The clock of the runner's own host.
    package static let own = PlaceClock(offsetNs: 0, errorNs: 0)

    package init(offsetNs: Int64, errorNs: Int64) {
        self.offsetNs = offsetNs
        self.errorNs = errorNs
    }

    /// Returns the time of the runner's clock at a time of the place.
    package func here(_ thereNs: Int64) -> Int64 { thereNs &- offsetNs }

    /// Returns the time of the place at a time of the runner's clock.
    package func there(_ hereNs: Int64) -> Int64 { hereNs &+ offsetNs }
}
