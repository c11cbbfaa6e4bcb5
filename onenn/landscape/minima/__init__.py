"""Critical points of the population risk, proved in balls; those with one odd unit, for any number of units."""
