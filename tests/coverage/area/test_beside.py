"""A job beside a plan has its result, gives way, and ends with the plan."""

import os
import sys
import threading

import numba
import pytest

from phusong.coverage.beside import beside, second_worker, until


def test_a_job_goes_on_while_the_block_runs_and_before_it_on_one_thread():
    for threads in (2, 1):
        before = numba.get_num_threads()
        numba.set_num_threads(min(threads, before))
        began, go_on = threading.Event(), threading.Event()
        if threads == 1 or before == 1:
            go_on.set()  # nothing is done beside the job

        def job(began=began, go_on=go_on):
            began.set()
            return go_on.wait(5.0), numba.get_num_threads()

        try:
            with beside(job) as doing:
                assert began.wait(5.0)
                go_on.set()
                assert doing.result() == (True, min(threads, before))
        finally:
            numba.set_num_threads(before)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own")
def test_a_job_that_gives_way_leaves_the_priority_of_the_plan():
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    nice = min(own + 10, 19)
    with beside(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), niceness=nice):
        pass
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
    with beside(
        lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), niceness=nice
    ) as doing:
        assert doing.result() == nice


def test_a_job_is_broken_off_where_the_plan_ends():
    moves, over = [], threading.Event()
    bar = until(over, moves.append)
    bar(1)
    over.set()
    with pytest.raises(InterruptedError):
        bar(2)
    assert moves == [1]


def test_a_second_worker_does_one_job_after_the_other():
    order = []

    def job(number):
        order.append(number)
        return number**2

    with second_worker() as begin:
        doing = [begin(job, number) for number in range(20)]
        assert [each.result() for each in doing] == [number**2 for number in range(20)]
    assert order == list(range(20))


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS == 1, reason="jobs are done at once")
def test_where_the_block_breaks_off_what_has_not_begun_is_left_undone():
    began, go_on, done = threading.Event(), threading.Event(), []

    def first():
        began.set()
        go_on.wait(5.0)

    def block():
        with second_worker() as begin:
            begin(first)
            begin(done.append, 1)
            began.wait(5.0)
            threading.Timer(0.1, go_on.set).start()
            raise KeyError

    with pytest.raises(KeyError):
        block()
    assert done == []
