/// Places of labels that shall not overlap.
enum Spread {
    /// Returns the places, moved apart as little as it takes to be at least `gap` from each other
    /// and within `range`; in the order of `places`.
    static func places(
        _ places: [Double], gap: Double, within range: ClosedRange<Double>
    ) -> [Double] {
        let order = places.indices.sorted { places[$0] < places[$1] }
        var moved = places
        var least = range.lowerBound
        for index in order {
            moved[index] = max(moved[index], least)
            least = moved[index] + gap
        }
        var most = range.upperBound
        for index in order.reversed() {
            moved[index] = min(moved[index], most)
            most = moved[index] - gap
        }
        return moved
    }
}
