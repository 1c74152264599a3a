/// The error of a stop before the first datagram.
struct StoppedEarly: Error, CustomStringConvertible {
    let description = "stopped before anything was sent"
}
