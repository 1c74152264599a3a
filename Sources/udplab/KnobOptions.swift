import ArgumentParser
import Lab
import Load
import Plans

extension OffloadKnobs.Knob: ExpressibleByArgument {}

/// The four socket settings of every sender.
struct KnobOptions: ParsableArguments {
    @Option(help: "Several messages per send call (sendmmsg): auto, on or off. auto is on.")
    var sendmmsg: OffloadKnobs.Knob?

    @Option(
        help: ArgumentHelp(
            "Super-packets that the kernel segments (UDP_SEGMENT): auto, on or off.",
            discussion: """
                auto uses them only for "rate": "max" on loopback, and never where a threshold \
                concerns loss, duplication or reordering: a super-packet is queued, reordered \
                and dropped as one, so those figures would describe super-packets.
                """))
    var gso: OffloadKnobs.Knob?

    @Option(help: "Several messages per receive call (recvmmsg): auto, on or off. auto is on.")
    var recvmmsg: OffloadKnobs.Knob?

    @Option(help: "Coalesced receiving (UDP_GRO): auto, on or off. auto is as for --gso.")
    var gro: OffloadKnobs.Knob?

    var overrides: KnobOverrides {
        var overrides = KnobOverrides()
        overrides.sendmmsg = sendmmsg
        overrides.gso = gso
        overrides.recvmmsg = recvmmsg
        overrides.gro = gro
        return overrides
    }
}
