import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

penguins = pd.read_csv("penguins.csv")
measured = penguins.dropna(subset=["body_mass_g", "flipper_length_mm"])

figure, axes = plt.subplots(figsize=(7, 4.5))
sns.regplot(measured, x="flipper_length_mm", y="body_mass_g", scatter=False, color="0.4", ax=axes)
sns.scatterplot(measured, x="flipper_length_mm", y="body_mass_g", hue="species", style="species", ax=axes)
axes.set(xlabel="Flipper length (mm)", ylabel="Body mass (g)", title=f"{len(measured)} penguins")
figure.savefig("outputs/body-mass-by-flipper-length.png", dpi=120)
plt.show()

table = measured.groupby("species").agg(
    penguins=("species", "size"),
    mass_g=("body_mass_g", "mean"),
    mass_sd=("body_mass_g", "std"),
    flipper_mm=("flipper_length_mm", "mean"),
)
table["correlation"] = [
    group["body_mass_g"].corr(group["flipper_length_mm"]) for _, group in measured.groupby("species")
]
table.round(2)
