"""`training_cluster`: the gang job over hosts, every second of it accounted for by hand."""

import pytest

JOB = {"every": "100 s", "restart": "50 s"}


def cluster(hosts=None, checkpoint=None, **more):
    """A cluster whose hosts never fail unless told otherwise."""
    return {"kind": "training_cluster", "hosts": hosts or {"count": 2, "time_to_failure": "9 y"},
            "checkpoint": checkpoint or JOB, **more}  # fmt: skip


def stop(*times):
    """A dependency that is down for 10 s at these times."""
    return {"kind": "component", "time_to_failure": {"at": [f"{t} s" for t in times]}, "repair": {"lasts": "10 s"}}


def spent(run, horizon):
    """State -> seconds."""
    states = ("productive", "checkpointing", "detecting", "waiting", "restarting")
    return {s: pytest.approx(run.value("job", f"{s}_time") * horizon) for s in states}


def seconds(productive=0, checkpointing=0, detecting=0, waiting=0, restarting=0):
    return dict(productive=productive, checkpointing=checkpointing, detecting=detecting, waiting=waiting,
                restarting=restarting)  # fmt: skip


def test_undisturbed_job_is_productive_all_the_time(play):
    run = play({"job": cluster()}, "1000 s")
    assert run.value("job", "effective_training_time") == 1.0
    assert run.outages("job") == []
    assert run.value("job", "hosts_up") == 2.0


def test_checkpoints_that_block_cost_their_share(play):
    # 100 s of work, 25 s of checkpoint: 8 rounds in 1000 s
    run = play({"job": cluster(checkpoint={**JOB, "cost": "25 s"})}, "1000 s")
    assert spent(run, 1000) == seconds(productive=800, checkpointing=200)
    assert run.value("job", "effective_training_time") == pytest.approx(0.8)
    assert run.value("job", "availability") == 1.0  # a checkpoint is no outage


def test_interruption_loses_the_work_since_the_last_checkpoint(play):
    # dependency down at 250 for 10 s: lost 50 s, waiting until 260, restart until 310
    run = play({"job": cluster(needs=["net"]), "net": stop(250)}, "1000 s")
    assert run.outages("job") == [(250.0, 60.0)]
    assert run.parts("job") == {"wait for hosts": 10.0, "restart": 50.0}
    assert spent(run, 1000) == seconds(productive=940, waiting=10, restarting=50)
    assert run.value("job", "lost_work") == pytest.approx(0.05)
    assert run.value("job", "effective_training_time") == pytest.approx(0.89)
    assert run.count("job", "interruptions") == 1
    assert run.value("job", "mean_time_to_interrupt") == 1000.0
    assert run.records("job", "lost work") == [(250.0, 50.0)]


def test_detection_comes_before_the_wait(play):
    run = play({"job": cluster(needs=["net"], detection="30 s"), "net": stop(250)}, "1000 s")
    assert run.parts("job") == {"detect": 30.0, "restart": 50.0}
    assert run.outages("job") == [(250.0, 80.0)]


def test_second_interruption_during_the_restart_starts_it_anew_and_loses_nothing_more(play):
    # 250 down, 260 restart, interrupted at 290, detection 20: 310 restart again until 360; checkpoints count from 360
    run = play({"job": cluster(needs=["net"], detection="20 s"), "net": stop(250, 290)}, "600 s")
    assert run.outages("job") == [(250.0, 110.0)]
    assert run.parts("job") == {"detect": 40.0, "restart": 70.0}
    assert run.count("job", "interruptions") == 2
    assert run.value("job", "lost_work") * 600 == pytest.approx(50)
    assert spent(run, 600) == seconds(productive=490, detecting=40, restarting=70)


def test_second_interruption_while_detecting_or_waiting_changes_nothing(play):
    run = play({"job": cluster(needs=["net", "dns"], detection="30 s"), "net": stop(250), "dns": stop(265)}, "600 s")
    assert run.outages("job") == [(250.0, 80.0)]
    assert run.count("job", "interruptions") == 1


def test_checkpoint_counts_only_when_it_is_finished(play):
    # rounds of 100 + 25 s; interrupted at 110, inside the first checkpoint: all 100 s are lost
    job = cluster(checkpoint={**JOB, "cost": "25 s"}, needs=["net"])
    run = play({"job": job, "net": stop(110)}, "500 s")
    assert run.value("job", "lost_work") * 500 == pytest.approx(100)
    assert spent(run, 500)["checkpointing"].expected == pytest.approx(10 + 25 * 2)  # 170-270, -295, -395, -420, -500
    run = play({"job": job, "net": stop(126)}, "500 s")
    assert run.value("job", "lost_work") * 500 == pytest.approx(1)


def test_interruption_in_the_second_checkpoint_falls_back_to_the_first(play):
    # first finished at 125 with 100 s of work; at 230 (second begun at 225 with 200 s): back to 100
    job = cluster(checkpoint={**JOB, "cost": "25 s"}, needs=["net"])
    run = play({"job": job, "net": stop(230)}, "500 s")
    assert run.value("job", "lost_work") * 500 == pytest.approx(100)


def test_two_interruptions_without_a_checkpoint_between_lose_only_what_was_done_since(play):
    # 250: back to 200; 310 productive; 350 interrupted again: 40 s lost
    run = play({"job": cluster(needs=["net"]), "net": stop(250, 350)}, "1000 s")
    assert run.value("job", "lost_work") * 1000 == pytest.approx(90)


def test_hosts_that_fail_at_one_instant_are_no_spares_to_each_other(play):
    hosts = {"count": 3, "needs": 2, "time_to_failure": "400 s", "age": "0 s"}
    run = play({"job": cluster(hosts, repair={"lasts": "100 s"})}, "700 s")
    # all fail at 400; all are back at 500, restart until 550; lives end again at 900
    assert run.outages("job") == [(400.0, 150.0)]
    assert run.count("job", "host_failures") == 3


def lemon(count, share, needs, ttf="1000 s", **more):
    return {"count": count, "needs": needs, "time_to_failure": ttf, "lemons": {"share": share, "factor": 4}, **more}


def test_spare_takes_over_and_only_detection_and_restart_are_lost(play):
    # hosts: 3 good (1000 s), 1 lemon (250 s); 4 needed of 4 + 0 spares, then of 4 with one spare
    run = play({"job": cluster(lemon(4, "25 %", 4), repair={"lasts": "60 s"}, detection="20 s")}, "500 s")
    # the lemon fails at 250: no spare, back at 310, restart until 360
    assert run.outages("job") == [(250.0, 110.0)]
    assert run.parts("job") == {"detect": 20.0, "wait for hosts": 40.0, "restart": 50.0}
    # with needs 3 the lemon is the spare (good hosts are declared first): it fails unnoticed by the job
    run = play({"job": cluster(lemon(4, "25 %", 3), repair={"lasts": "60 s"}, detection="20 s")}, "500 s")
    assert run.outages("job") == []
    assert run.count("job", "host_failures") == 1
    assert run.count("job", "interruptions") == 0
    assert run.value("job", "hosts_up") == pytest.approx(4 - 60 / 500)


def test_active_host_fails_and_the_spare_is_hot(play):
    # 2 lemons (250 s) and 1 good host, 2 needed: active are the good one and the first lemon, spare the second lemon.
    # Both lemons fail at 250.  Repaired at 310: both are back, one becomes active; restart until 360
    run = play({"job": cluster(lemon(3, "67 %", 2), repair={"lasts": "60 s"})}, "500 s")
    assert run.outages("job") == [(250.0, 110.0)]
    # one lemon and two good hosts, 2 needed: the lemon is the spare and its failure harmless; at 1000 the two good
    # hosts fail together, the lemon (back since 810, life until 1060) takes one place; 60 s of repair
    run = play({"job": cluster(lemon(3, "33 %", 2), repair={"lasts": "60 s"})}, "1300 s")
    # lemon: 250 down, 310 up, 560 down, 620 up, 870 down, 930 up, next at 1180
    assert run.outages("job")[0] == (1000.0, 110.0)
    # active from 1000: the lemon and (1060) the first good host; the second good one is spare; 1180 the lemon fails:
    # the spare takes over at once, restart until 1230
    assert run.outages("job")[1] == (1180.0, 50.0)
    assert run.parts("job", 1) == {"restart": 50.0}
    assert run.count("job", "interruptions") == 2


def test_host_clock_runs_on_through_spare_and_active(play):
    # the lemon is spare until 1000 and active after: its life of 250 s (from 930) ends at 1180, not at 1250: above.
    # here: hosts live 1000 s, whatever the job does; two needed of two; job interrupted by its network at 500
    run = play({"job": cluster({"count": 2, "time_to_failure": "1000 s"}, repair={"lasts": "60 s"}, needs=["net"]),
                "net": stop(500)}, "1200 s")  # fmt: skip
    assert run.outages("job") == [(500.0, 60.0), (1000.0, 110.0)]


def test_hosts_wait_for_the_crew_one_by_one(play):
    hosts = {"count": 3, "time_to_failure": "400 s"}
    run = play(
        {"job": cluster(hosts, repair={"lasts": "100 s", "team": "crew"})}, "790 s", teams={"crew": {"people": 1}}
    )
    # repaired at 500, 600, 700; restart until 750
    assert run.outages("job") == [(400.0, 350.0)]
    assert run.value("team crew", "queue") * 790 == pytest.approx(100 + 200)


def test_hosts_that_are_never_repaired_end_the_job(play):
    run = play({"job": cluster({"count": 2, "needs": 1, "time_to_failure": "400 s"})}, "1000 s")
    assert run.outages("job") == [(400.0, 600.0)]


def test_causes_of_host_failures_race_and_have_their_own_repair(play):
    # disk at 300 s (repair 40 s), board at 1000 s of life; both clocks start anew with a repair
    hosts = {"count": 1, "failures": {"disk": {"every": "300 s", "repair": "40 s"}, "board": {"every": "310 s"}}}
    run = play({"job": cluster(hosts, repair={"lasts": "500 s"})}, "1000 s")
    # 300 disk, back at 340, restart until 390; host life from 340: disk again at 640, back 680, restart until 730; 980
    assert run.outages("job") == [(300.0, 90.0), (640.0, 90.0), (980.0, 20.0)]
    assert run.count("job", "failures_by_disk") == 3
    assert run.count("job", "failures_by_board") == 0


def test_host_cause_without_own_repair_takes_the_usual_one(play):
    hosts = {"count": 1, "failures": {"disk": {"every": "300 s", "repair": "40 s"}, "board": {"every": "250 s"}}}
    run = play({"job": cluster(hosts, repair={"lasts": "500 s"})}, "1000 s")
    assert run.outages("job") == [(250.0, 550.0)]
    assert run.count("job", "failures_by_board") == 1


def test_hosts_repaired_as_old_age_in_all_their_causes(play):
    # as old: ages go on; disk dies at age 300, the board at age 310: 10 s after the repair, and both at once from then
    hosts = {"count": 1, "failures": {"disk": {"every": "300 s"}, "board": {"every": "310 s"}}}
    repair = {"lasts": "100 s", "effect": {"keeps": "50 %"}}
    run = play({"job": cluster(hosts, {"every": "10 s", "restart": "0 s"}, repair=repair)}, "610 s")
    # 300 disk (ages 300); 400 up with age 150: disk at 550; 650
    assert run.outages("job") == [(300.0, 100.0), (550.0, 60.0)]


def test_aged_hosts_fail_early_and_are_new_after_their_repair(play):
    hosts = {"count": 1, "time_to_failure": "400 s", "age": "100 s"}
    run = play({"job": cluster(hosts, {"every": "10 s", "restart": "0 s"}, repair={"lasts": "50 s"})}, "850 s")
    assert run.outages("job") == [(300.0, 50.0), (750.0, 50.0)]


def test_spare_that_becomes_active_keeps_its_age(play):
    # three aged hosts, two needed: ages 100 at the start; all fail at 300, whether active or spare
    hosts = {"count": 3, "needs": 2, "time_to_failure": "400 s", "age": "100 s"}
    run = play({"job": cluster(hosts, repair={"lasts": "50 s"})}, "340 s")
    assert run.outages("job") == [(300.0, 40.0)]
    assert run.count("job", "host_failures") == 3


def test_interruptions_of_the_whole_job_stop_no_host(play):
    run = play({"job": cluster(interruptions={"software": {"every": "400 s"}})}, "1000 s")
    # 400 and 800 in wall-clock time; nothing was lost (checkpoints at 400; 450, 550, 650, 750: 50 s lost at 800)
    assert run.outages("job") == [(400.0, 50.0), (800.0, 50.0)]
    assert run.count("job", "interruptions_by_software") == 2
    assert run.count("job", "host_failures") == 0
    assert run.column("job", "cause") == ["job interrupted by software"] * 2


@pytest.mark.parametrize("cause", ["job", "hosts", "progress", "ok", "places", "network"])
def test_cause_of_interruption_can_have_any_name(play, cause):
    run = play({"job": cluster(interruptions={cause: {"every": "400 s"}})}, "1000 s")
    assert run.count("job", f"interruptions_by_{cause}") == 2


def test_outage_of_the_place_interrupts_the_job_and_spares_the_hosts(play):
    regions = {"north": {"outage": {"every": {"at": ["250 s"]}, "lasts": "100 s"}}}
    run = play({"job": cluster(at="north")}, "1000 s", regions=regions)
    assert run.outages("job") == [(250.0, 150.0)]
    assert run.column("job", "scope") == ["region"]
    assert run.count("job", "host_failures") == 0


def test_job_waits_at_the_start_for_what_it_needs(play):
    net = {"kind": "component", "time_to_failure": "9 y", "start": "down", "repair": {"lasts": "100 s"}}
    run = play({"job": cluster(needs=["net"]), "net": net}, "1000 s")
    assert run.outages("job") == [(0.0, 100.0)]
    assert spent(run, 1000) == seconds(productive=900, waiting=100)


def test_measures_by_window_add_up(play):
    # windows of 300 s; interrupted at 250 (lost 50); the work was done and lost in the first window
    run = play({"job": cluster(needs=["net"]), "net": stop(250)}, "900 s", window="300 s")
    assert run.window("job", "productive_time") == pytest.approx([250 / 300, 290 / 300, 1.0])
    assert run.window("job", "lost_work") == pytest.approx([50 / 300, 0, 0])
    assert run.window("job", "restarting_time") == pytest.approx([40 / 300, 10 / 300, 0])


def test_work_of_the_warm_up_that_is_lost_later_counts_without_absurd_intervals(play):
    # 1000 s of warm-up without a checkpoint; at 1100 all 1100 s are lost: 5.5 times the 200 s that are measured
    run = play({"job": cluster(None, {"every": "1 d", "restart": "50 s"}, needs=["net"]), "net": stop(1100)}, "200 s", n=3,
               warm_up="1000 s")  # fmt: skip
    estimates = run.result.estimates.set_index(["component", "measure"])
    for measure, value in (("effective_training_time", 140 / 200 - 5.5), ("lost_work", 5.5)):
        row = estimates.loc[("job", measure)]
        assert row["mean"] == pytest.approx(value)
        assert row["ci_low"] <= row["mean"] <= row["ci_high"]


def test_interruptions_of_random_hosts_follow_their_rate(sample, close):
    # n active hosts of mean life m with instant repair: interrupted n T / m times
    hosts = {"count": 50, "needs": 50, "time_to_failure": {"exponential": "100 d"}}
    job = cluster(hosts, {"every": "1 h", "restart": "0 s"}, repair={"lasts": "0 s"})
    run = sample({"job": job}, "20 d", n=400)
    close(run.values("job", "interruptions") * 20 / 365, 50 * 20 / 100)
    close(run.values("job", "host_failures") * 20 / 365, 50 * 20 / 100)


def test_effective_time_meets_the_closed_form_of_checkpoint_and_restart(sample, close):
    # interruptions at rate f in wall-clock time, each costs restart R; a checkpoint every t of work without cost.
    # A cycle is work until the next interruption that meets the job at work: Exp(f), then R (interruptions inside R
    # start it anew).  Lost per cycle: E[X mod t] for X ~ Exp(f) = 1/f - t/(exp(f t) - 1).
    # Mean length of the restart under interruptions: (exp(f R) - 1) / f.  Source: Daly (2006), section 2
    import math

    f, R, t = 1 / 20_000.0, 1_000.0, 3_600.0
    useful = t / (math.exp(f * t) - 1)
    expected = useful / (1 / f + (math.exp(f * R) - 1) / f)
    job = cluster(
        None, {"every": "3600 s", "restart": "1000 s"}, interruptions={"any": {"every": {"exponential": "20000 s"}}}
    )
    run = sample({"job": job}, "100 d", n=200)
    values = run.values("job", "effective_training_time")
    assert abs(values.mean() - expected) < 4 * values.std(ddof=1) / math.sqrt(len(values)) + 3_600 / (100 * 86_400)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hosts": {"count": 2, "needs": 3, "time_to_failure": "1 d"}}, "3 exceeds count 2"),
        ({"hosts": {"count": 2}}, "exactly one of `time_to_failure` and `failures`"),
        ({"hosts": {"count": 2, "time_to_failure": "1 d", "failures": {"a": {"every": "1 d"}}}}, "exactly one of"),
        ({"hosts": {"count": 2, "failures": {f"c{i}": {"every": "1 d"} for i in range(60)}}}, "at most 40"),
        ({"hosts": {"count": 2, "time_to_failure": "0 s"}}, "must be above zero"),
        ({"checkpoint": {"every": "0 s", "restart": "1 s"}}, "must be above zero"),
        ({"checkpoint": {"every": "1 h"}}, "field required"),
        ({"at": "north.a"}, "there is no place 'north.a'"),
        ({"needs": ["job"]}, "depends on itself: job -> job"),
        ({"interruptions": {"x": {"every": "0 s"}}}, "must be above zero"),
    ],
)
def test_impossible_clusters_are_refused(refused, change, said):
    assert said in refused({"job": cluster(**change)})
