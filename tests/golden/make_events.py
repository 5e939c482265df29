"""Writes events.bin: an event file made by TensorBoard's own writer.

tensorboard 2.20.0, Python 3.11.   python3 make_events.py
"""
import glob
import os
import shutil
import tempfile

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

folder = tempfile.mkdtemp()
writer = EventFileWriter(folder)
values = [("rollout/ep_rew_mean", 1.5), ("train/größe", -2.25e-30), ("time/fps", 3e8)]
for step in (400, 300000000000):
    summary = summary_pb2.Summary(
        value=[summary_pb2.Summary.Value(tag=tag, simple_value=value + step) for tag, value in values]
    )
    writer.add_event(event_pb2.Event(wall_time=1000.5, step=step, summary=summary))
writer.add_event(
    event_pb2.Event(
        wall_time=1000.5, step=401, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    )
)
writer.close()
(made,) = glob.glob(folder + "/*")
shutil.copy(made, os.path.join(os.path.dirname(os.path.abspath(__file__)), "events.bin"))
shutil.rmtree(folder)
