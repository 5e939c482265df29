"""pictures.py PROGRAM: what the program leaves, opened by other programs: GIF and PNG by Pillow, SVG by an XML parser,
event files by TensorBoard's own reader. What is not installed is left out; ends with 77 where that is all of it but
XML."""
import importlib.util
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

program = os.path.abspath(sys.argv[1])
os.chdir(tempfile.mkdtemp())


def pigrad(*words):
    subprocess.run([program, *words], check=True, stdout=subprocess.DEVNULL)


settings = ["epochs=12", "steps=400", "minibatch=100", "critic.steps_per_minibatch=12", "checkpoint_every=3",
            "evaluate_episodes=2"]
words = [word for setting in settings for word in ("--set", setting)]
pigrad("train", "a2c-cartpole", "--out", "run", "--threads", "1", "--log", "csv,tensorboard", *words)
pigrad("play", "run", "--out", "one.gif")
pigrad("play", "run", "--each", "--out", "each.gif")

assert ElementTree.parse("run/curve.svg").getroot().tag.endswith("svg")
read = []

if importlib.util.find_spec("PIL"):
    from PIL import Image, ImageSequence

    for name, width in (("one.gif", 480), ("each.gif", 720)):
        with Image.open(name) as picture:
            assert picture.format == "GIF" and picture.size[0] == width and picture.n_frames > 5, name
            assert picture.info["loop"] == 0
            frames = [frame.convert("RGB").tobytes() for frame in ImageSequence.Iterator(picture)]
            assert all(a != b for a, b in zip(frames, frames[1:])), "equal frames follow each other"
    with Image.open("run/curve.png") as picture:
        picture.load()
        assert picture.size == (1800, 1080)
    read.append("Pillow")

if importlib.util.find_spec("tensorboard"):
    import csv

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def check():
        accumulator = EventAccumulator("run", size_guidance={"scalars": 0})
        accumulator.Reload()
        with open("run/metrics.csv") as file:
            rows = list(csv.DictReader(file))
        tags = accumulator.Tags()["scalars"]
        assert set(tags) == set(rows[0]) - {"epoch"}, tags
        for tag in tags:
            points = [(event.step, event.value) for event in accumulator.Scalars(tag)]
            expected = [(int(float(row["time/total_timesteps"])), float(row[tag])) for row in rows]
            assert [step for step, _ in points] == [step for step, _ in expected], tag
            for (_, value), (_, wanted) in zip(points, expected):
                assert abs(value - wanted) <= 1e-6 * abs(wanted), tag

    check()
    # A session that was killed had written steps that the next one writes again, the last record torn.
    with open([n for n in map(lambda n: "run/" + n, os.listdir("run")) if "tfevents" in n][0], "ab") as file:
        file.write(b"\x50\0\0\0\0")
    os.remove("run/summary.json")
    pigrad("train", "--resume", "run/epoch-9.safetensors", "--threads", "1")
    assert len([n for n in os.listdir("run") if "tfevents" in n]) == 2
    check()
    read.append("TensorBoard")

print("read by", ", ".join(read + ["an XML parser"]))
sys.exit(0 if len(read) == 2 else 77)
