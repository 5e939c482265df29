    "seed=9223372036854775807\ncopies=-1\npolicy=3\n=\nadvantage.normalise=off\npolicy.optimiser.learning_rate=1e-400\n")

kinds = {"f32": "<f4", "f64": "<f8", "i64": "<i8", "u8": "u1"}
